/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;

/** Publishes over JMX by itself, under the names a newer worker gives: for workers before 4.1. */
final class JmxRegistry implements MetricsRegistry {
  private static final String DOMAIN = "kafka.connect";
  private static final String GROUP = "plugins";

  private final Metrics metrics;
  private final Map<String, String> tags = new LinkedHashMap<>();

  JmxRegistry(String connector, String task) {
    this.metrics =
        new Metrics(
            new MetricConfig(),
            List.of(new JmxReporter()),
            Time.SYSTEM,
            new KafkaMetricsContext(DOMAIN));
    tags.put("connector", connector);
    tags.put("task", task);
  }

  @Override
  public MetricName name(String name, String description, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(tags);
    all.putAll(more);
    return metrics.metricName(name, GROUP, description, all);
  }

  @Override
  public void add(MetricName name, Measurable value) {
    metrics.addMetric(name, value);
  }

  @Override
  public void close() {
    metrics.close();
  }
}
