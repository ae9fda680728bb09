/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Latencies of a run. The first event's latency is kept separate: it includes one-time work such as
 * connecting and registering schemas. Safe for use by several threads.
 */
final class Latencies {
  private final Histogram all = new Histogram();
  private final List<Window> windows = new ArrayList<>();
  private OptionalLong coldStart = OptionalLong.empty();

  /**
   * Percentiles of latencies, in milliseconds.
   *
   * @param count the number of latencies; the percentiles are meaningless if it is 0
   * @param p50 the median
   * @param p99 the 99th percentile
   */
  record Percentiles(long count, long p50, long p99) {
    boolean isEmpty() {
      return count == 0;
    }

    @Override
    public String toString() {
      return isEmpty()
          ? "latency unknown"
          : String.format(Locale.ROOT, "p50 %,d ms, p99 %,d ms", p50, p99);
    }
  }

  /** Latencies since the previous call. */
  final class Window {
    private Histogram recent = new Histogram();

    private Window() {}

    /** Returns the percentiles since the previous call of this method. */
    Percentiles next() {
      synchronized (Latencies.this) {
        Percentiles percentiles = recent.percentiles();
        recent = new Histogram();
        return percentiles;
      }
    }
  }

  synchronized void add(long millis) {
    if (coldStart.isEmpty()) {
      coldStart = OptionalLong.of(millis);
      return;
    }
    all.add(millis);
    windows.forEach(window -> window.recent.add(millis));
  }

  /** Returns the first event's latency; empty before it. */
  synchronized OptionalLong coldStart() {
    return coldStart;
  }

  /** Returns the percentiles of the whole run except its first event. */
  synchronized Percentiles overall() {
    return all.percentiles();
  }

  /** Returns a window for a periodic reader. */
  synchronized Window window() {
    Window window = new Window();
    windows.add(window);
    return window;
  }

  /** Counts per bucket; a bucket's width is at most 1/64 of its values. */
  private static final class Histogram {
    private static final int SUB_BUCKETS = 64;

    private final long[] counts = new long[SUB_BUCKETS * Long.SIZE];
    private long total;

    void add(long millis) {
      counts[bucket(Math.max(0, millis))]++;
      total++;
    }

    Percentiles percentiles() {
      return new Percentiles(total, percentile(50), percentile(99));
    }

    private long percentile(int percent) {
      long wanted = (total * percent + 99) / 100;
      long seen = 0;
      for (int bucket = 0; bucket < counts.length; bucket++) {
        seen += counts[bucket];
        if (seen >= wanted && seen > 0) {
          return highest(bucket);
        }
      }
      return 0;
    }

    private static int bucket(long value) {
      int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - 7);
      return shift * SUB_BUCKETS + (int) (value >>> shift);
    }

    private static long highest(int bucket) {
      int shift = Math.max(0, bucket / SUB_BUCKETS - 1);
      long lead = bucket - (long) shift * SUB_BUCKETS;
      return ((lead + 1) << shift) - 1;
    }
  }
}
