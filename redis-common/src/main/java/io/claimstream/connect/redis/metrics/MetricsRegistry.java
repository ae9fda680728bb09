/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;

/** Where metrics are published. */
interface MetricsRegistry extends AutoCloseable {

  /** A name with the tags of the task before the given ones, which keep their order. */
  MetricName name(String name, String description, Map<String, String> tags);

  /** Publishes a metric. */
  void add(MetricName name, Measurable value);

  /** Takes back everything that was published. */
  @Override
  void close();
}
