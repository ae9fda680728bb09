/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/**
 * Latencies of a run. The first event's latency is kept separate: it includes one-time work such as
 * connecting and registering schemas. Safe for use by several threads.
 */
final class Latencies {
  private static final int SIGNIFICANT_DIGITS = 2;

  private final Histogram all = new Histogram(SIGNIFICANT_DIGITS);
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
    private static Percentiles of(Histogram millis) {
      return new Percentiles(
          millis.getTotalCount(), millis.getValueAtPercentile(50), millis.getValueAtPercentile(99));
    }

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
    private final Histogram recent = new Histogram(SIGNIFICANT_DIGITS);

    private Window() {}

    /** Returns the percentiles since the previous call of this method. */
    Percentiles next() {
      synchronized (Latencies.this) {
        Percentiles percentiles = Percentiles.of(recent);
        recent.reset();
        return percentiles;
      }
    }
  }

  synchronized void add(long millis) {
    if (coldStart.isEmpty()) {
      coldStart = OptionalLong.of(millis);
      return;
    }
    // the clock may be set back while an event is in flight
    long latency = Math.max(0, millis);
    all.recordValue(latency);
    windows.forEach(window -> window.recent.recordValue(latency));
  }

  /** Returns the first event's latency; empty before it. */
  synchronized OptionalLong coldStart() {
    return coldStart;
  }

  /** Returns the percentiles of the whole run except its first event. */
  synchronized Percentiles overall() {
    return Percentiles.of(all);
  }

  /** Returns a window for a periodic reader. */
  synchronized Window window() {
    Window window = new Window();
    windows.add(window);
    return window;
  }
}
