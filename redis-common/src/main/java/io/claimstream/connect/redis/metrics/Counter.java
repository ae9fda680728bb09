/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.stats.Rate;

/** A total and its recent rate per second. Safe for use by several threads. */
public final class Counter {
  private static final MetricConfig WINDOWS = new MetricConfig();

  private final LongAdder total = new LongAdder();
  private final Rate rate = new Rate();
  private long measured;

  Counter() {}

  /** Adds to the total; nearly free. */
  public void add(long count) {
    total.add(count);
  }

  Measurable totalMetric() {
    return (config, now) -> (double) total.sum();
  }

  Measurable rateMetric() {
    return (config, now) -> {
      synchronized (this) {
        update(now);
        return rate.measure(WINDOWS, now);
      }
    };
  }

  /** Includes additions since the last update in the rate. */
  synchronized void update(long nowMillis) {
    long sum = total.sum();
    if (sum != measured) {
      rate.record(WINDOWS, (double) (sum - measured), nowMillis);
      measured = sum;
    }
  }
}
