/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.stats.Rate;

/** Counts, and tells how much came per second lately. Safe for use by several threads. */
public final class Counter {
  private static final MetricConfig WINDOWS = new MetricConfig();

  private final LongAdder total = new LongAdder();
  private final Rate rate = new Rate();
  private long told;

  Counter() {}

  /** Adds that many; nearly free. */
  public void add(long count) {
    total.add(count);
  }

  /** How many since the task started. */
  public long total() {
    return total.sum();
  }

  Measurable totalMetric() {
    return (config, now) -> (double) total();
  }

  Measurable rateMetric() {
    return (config, now) -> {
      synchronized (this) {
        note(now);
        return rate.measure(WINDOWS, now);
      }
    };
  }

  /** Lets what was added since count as of now. */
  synchronized void note(long nowMillis) {
    long sum = total.sum();
    if (sum != told) {
      rate.record(WINDOWS, (double) (sum - told), nowMillis);
      told = sum;
    }
  }
}
