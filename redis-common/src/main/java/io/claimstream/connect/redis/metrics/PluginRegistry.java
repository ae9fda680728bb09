/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.PluginMetrics;

/**
 * Publishes through the worker. No sensors: their names are shared by all tasks of a worker.
 *
 * @see <a href="https://cwiki.apache.org/confluence/x/KxdyEg">KIP-877</a>
 */
final class PluginRegistry implements MetricsRegistry {
  private final PluginMetrics metrics;
  private final List<MetricName> names = new ArrayList<>();

  PluginRegistry(PluginMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public MetricName name(String name, String description, Map<String, String> tags) {
    return metrics.metricName(name, description, new LinkedHashMap<>(tags));
  }

  @Override
  public void add(MetricName name, Measurable value) {
    metrics.addMetric(name, value);
    names.add(name);
  }

  @Override
  public void close() {
    names.forEach(metrics::removeMetric);
    names.clear();
  }
}
