/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MeasurableStat;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.stats.Avg;
import org.apache.kafka.common.metrics.stats.Max;

/**
 * Average and maximum of the recent values; NaN if there were none. Safe for use by several
 * threads.
 */
public final class Timing {
  private static final MetricConfig WINDOWS = new MetricConfig();

  private final Avg average = new Avg();
  private final Max largest = new Max();

  Timing() {}

  /**
   * Records a value.
   *
   * @param millis the duration in milliseconds
   */
  public synchronized void record(double millis) {
    long now = System.currentTimeMillis();
    average.record(WINDOWS, millis, now);
    largest.record(WINDOWS, millis, now);
  }

  Measurable averageMetric() {
    return metric(average);
  }

  Measurable largestMetric() {
    return metric(largest);
  }

  private Measurable metric(MeasurableStat stat) {
    return (config, now) -> {
      synchronized (this) {
        return stat.measure(WINDOWS, now);
      }
    };
  }
}
