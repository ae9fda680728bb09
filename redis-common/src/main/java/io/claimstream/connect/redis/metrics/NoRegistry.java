/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;

/** A registry that publishes nothing. */
final class NoRegistry implements MetricsRegistry {
  @Override
  public MetricName name(String name, String description, Map<String, String> tags) {
    return new MetricName(name, "plugins", description, tags);
  }

  @Override
  public void add(MetricName name, Measurable value) {
    // nothing to publish
  }

  @Override
  public void retry() {
    // nothing to publish
  }

  @Override
  public void close() {
    // nothing was published
  }
}
