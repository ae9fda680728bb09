/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;

/** Where metrics are published. */
interface MetricsRegistry extends AutoCloseable {

  /** A name with the tags of the task before the given ones, which keep their order. */
  MetricName name(String name, String description, Map<String, String> tags);

  /**
   * Publishes a metric. A task that the worker gave up on may still have that name: then {@link
   * #retry} publishes it once that one has ended.
   */
  void add(MetricName name, Measurable value);

  /** Publishes what a former task's end has let free, or has taken with it. */
  void retry();

  /** Takes back everything that was published. */
  @Override
  void close();
}
