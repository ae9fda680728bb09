/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Asks something again and again in a thread of its own, so that nobody waits for a server that
 * hangs, and remembers the last answer.
 */
final class Probe<T> implements AutoCloseable {
  private final BackgroundTask task;
  private volatile @Nullable Reading<T> last;

  /**
   * What was found.
   *
   * @param askedAt {@link System#nanoTime} when the question was asked
   * @param value the answer; null if there was none
   * @param failure why there was none
   */
  record Reading<T>(long askedAt, @Nullable T value, @Nullable String failure) {
    boolean isAnswer() {
      return failure == null;
    }
  }

  private Probe(String name, Duration period, Callable<T> question) {
    task =
        BackgroundTask.start(
            name,
            impossible -> {},
            stop -> {
              while (!stop.isAsked()) {
                last = ask(question);
                stop.await(period);
              }
            });
  }

  /**
   * Starts asking.
   *
   * @param question bounded in time
   */
  static <T> Probe<T> start(String name, Duration period, Callable<T> question) {
    return new Probe<>(name, period, question);
  }

  private static <T> Reading<T> ask(Callable<T> question) throws InterruptedException {
    long now = System.nanoTime();
    try {
      return new Reading<>(now, question.call(), null);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      String message = e.getMessage();
      return new Reading<>(now, null, message == null ? e.toString() : message);
    }
  }

  /** The latest; empty before the first. */
  Optional<Reading<T>> last() {
    return Optional.ofNullable(last);
  }

  @Override
  public void close() {
    task.close();
  }
}
