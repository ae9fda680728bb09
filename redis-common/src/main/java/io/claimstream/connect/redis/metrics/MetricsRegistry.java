/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;

/** A destination to which metrics are published. */
interface MetricsRegistry extends AutoCloseable {

  /** Returns a name with the task's tags, followed by the given ones in their order. */
  MetricName name(String name, String description, Map<String, String> tags);

  /**
   * Publishes a metric. If a task that the worker gave up on still has that name, {@link #retry}
   * publishes the metric after that task has ended.
   */
  void add(MetricName name, Measurable value);

  /** Publishes metrics whose name a former task has released, or unregistered. */
  void retry();

  /** Unregisters everything that was published. */
  @Override
  void close();
}
