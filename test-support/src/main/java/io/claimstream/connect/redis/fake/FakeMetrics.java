/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.metrics.TaskMetrics;
import java.util.LinkedHashMap;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;

/** A worker that publishes no metrics. */
public final class FakeMetrics implements PluginMetrics {
  private FakeMetrics() {}

  /** Returns metrics that are counted and measured but not published. */
  public static TaskMetrics unpublished() {
    return TaskMetrics.of("claims", "0", FakeMetrics::new);
  }

  @Override
  @SuppressWarnings("NonApiType") // the signature is Kafka's
  public MetricName metricName(
      String name, String description, LinkedHashMap<String, String> tags) {
    return new MetricName(name, "plugins", description, tags);
  }

  @Override
  public void addMetric(MetricName name, MetricValueProvider<?> value) {
    // nothing to publish
  }

  @Override
  public void removeMetric(MetricName name) {
    // nothing was published
  }

  @Override
  public Sensor addSensor(String name) {
    throw new UnsupportedOperationException("no sensors: all tasks of a worker share their names");
  }

  @Override
  public void removeSensor(String name) {
    // no sensors were added
  }
}
