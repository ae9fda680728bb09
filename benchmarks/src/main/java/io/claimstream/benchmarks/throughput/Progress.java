/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Waits until a run has finished, and measures the CPU time between the first and the last record.
 */
final class Progress {
  private static final long POLL_MILLIS = 20;
  private static final int SETTLED = 15;
  private static final long LONGEST_SILENCE_SECONDS = 120;

  private final LongSupplier count;
  private final long expected;
  private final DoubleSupplier cpu;
  private final Runnable check;

  /**
   * Creates the progress of a run.
   *
   * @param count returns how many records have arrived
   * @param expected the minimum number of records
   * @param cpu returns the seconds of CPU used so far
   * @param check throws if the run cannot finish any more
   */
  Progress(LongSupplier count, long expected, DoubleSupplier cpu, Runnable check) {
    this.count = count;
    this.expected = expected;
    this.cpu = cpu;
    this.check = check;
  }

  /** Returns the CPU time once all records have arrived and no more follow. */
  double awaitCpuSeconds() {
    double begin = cpu.getAsDouble();
    double end = begin;
    long seen = 0;
    int unchanged = 0;
    long changedNanos = System.nanoTime();
    while (seen < expected || unchanged < SETTLED) {
      pause();
      long now = count.getAsLong();
      if (now != seen) {
        end = cpu.getAsDouble();
        begin = seen == 0 ? end : begin;
        seen = now;
        unchanged = 0;
        changedNanos = System.nanoTime();
      } else {
        unchanged++;
      }
      long silence = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - changedNanos);
      if (unchanged % 100 == 99) {
        check.run();
      }
      if (silence > LONGEST_SILENCE_SECONDS) {
        throw new BenchmarkException(
            seen + " of " + expected + " have arrived, and no more for " + silence + " s", null);
      }
    }
    return end - begin;
  }

  /** Returns as soon as that many records have arrived. */
  void awaitReached() {
    while (count.getAsLong() < expected) {
      pause();
    }
  }

  /**
   * Returns as soon as a condition is met.
   *
   * @throws BenchmarkException with this problem if it is not met for long
   */
  static void await(BooleanSupplier condition, String problem) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LONGEST_SILENCE_SECONDS)) {
        throw new BenchmarkException(problem, null);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while measuring", e);
    }
  }
}
