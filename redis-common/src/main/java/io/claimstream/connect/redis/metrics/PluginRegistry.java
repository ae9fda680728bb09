/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes through the worker. Uses no sensors: all tasks of a worker share their names.
 *
 * @see <a href="https://cwiki.apache.org/confluence/x/KxdyEg">KIP-877</a>
 */
final class PluginRegistry implements MetricsRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(PluginRegistry.class);

  private final PluginMetrics metrics;
  private final List<MetricName> names = new ArrayList<>();
  private final Map<MetricName, Measurable> taken = new LinkedHashMap<>();

  PluginRegistry(PluginMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public MetricName name(String name, String description, Map<String, String> tags) {
    return metrics.metricName(name, description, new LinkedHashMap<>(tags));
  }

  @Override
  public synchronized void add(MetricName name, Measurable value) {
    if (!isPublished(name, value)) {
      taken.put(name, value);
    }
  }

  @Override
  public synchronized void retry() {
    // a former task releases all its names at once: while the first is taken, skip the others
    Iterator<Map.Entry<MetricName, Measurable>> waiting = taken.entrySet().iterator();
    while (waiting.hasNext()) {
      Map.Entry<MetricName, Measurable> metric = waiting.next();
      if (!isPublished(metric.getKey(), metric.getValue())) {
        return;
      }
      waiting.remove();
    }
  }

  /** Publishes the metric unless the name is taken. Connect offers no other way to check that. */
  private boolean isPublished(MetricName name, Measurable value) {
    try {
      metrics.addMetric(name, value);
      names.add(name);
      return true;
    } catch (IllegalArgumentException e) {
      LOG.debug("{} is not published yet: {}", name, e.getMessage());
      return false;
    }
  }

  @Override
  public synchronized void close() {
    taken.clear();
    names.forEach(metrics::removeMetric);
    names.clear();
  }
}
