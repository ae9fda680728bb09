/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;

/** Publishes over JMX directly, under the names that newer workers use: for workers before 4.1. */
final class JmxRegistry implements MetricsRegistry {
  private static final String DOMAIN = "kafka.connect";
  private static final String GROUP = "plugins";

  private final Metrics metrics;
  private final Map<String, String> tags = new LinkedHashMap<>();
  private final Map<ObjectName, Map<MetricName, Measurable>> published = new LinkedHashMap<>();
  private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();

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
  public synchronized void add(MetricName name, Measurable value) {
    metrics.addMetric(name, value);
    published.computeIfAbsent(bean(name), bean -> new LinkedHashMap<>()).put(name, value);
  }

  /** Publishes again. When a former task ends, it unregisters the bean that replaced its own. */
  @Override
  public synchronized void retry() {
    published.forEach(
        (bean, values) -> {
          if (!jmx.isRegistered(bean)) {
            values.keySet().forEach(metrics::removeMetric);
            values.forEach(metrics::addMetric);
          }
        });
  }

  private static ObjectName bean(MetricName name) {
    StringBuilder bean = new StringBuilder(DOMAIN).append(":type=").append(name.group());
    name.tags()
        .forEach(
            (tag, value) -> bean.append(',').append(tag).append('=').append(JmxNames.value(value)));
    try {
      return new ObjectName(bean.toString());
    } catch (MalformedObjectNameException e) {
      throw new IllegalStateException(e); // the reporter has created the same name
    }
  }

  @Override
  public synchronized void close() {
    published.clear();
    metrics.close();
  }
}
