/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.metrics.TaskMetrics;
import java.util.Map;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;

/** Metrics of a task whose worker publishes them nowhere. */
public final class UnpublishedMetrics {
  private UnpublishedMetrics() {}

  /** Returns metrics that are counted and measured only. */
  public static TaskMetrics task() {
    return task(new Metrics());
  }

  /** Returns metrics that are also in the given registry. */
  public static TaskMetrics task(Metrics registry) {
    return TaskMetrics.of("test", "0", () -> new PluginMetricsImpl(registry, Map.of()));
  }
}
