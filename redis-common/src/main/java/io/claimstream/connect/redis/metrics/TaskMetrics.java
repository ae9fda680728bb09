/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.PluginMetrics;

/**
 * The metrics of one task, published until it is closed: through the worker if it supports that
 * (Connect 4.1 and newer), otherwise over JMX; in both cases as attributes of {@code
 * kafka.connect:type=plugins,connector=…,task=…}, followed by further tags. Created and closed by
 * the task's thread.
 */
public final class TaskMetrics implements AutoCloseable {
  private final MetricsRegistry registry;
  private final List<Counter> counters = new ArrayList<>();

  private TaskMetrics(MetricsRegistry registry) {
    this.registry = registry;
  }

  /**
   * Creates the metrics of a task.
   *
   * @param worker returns the worker's {@code PluginMetrics} from the task's context; fails on
   *     workers that have none. Must be a lambda with a body: a method reference, or a type that
   *     the worker does not know, fails before this method is called
   */
  public static TaskMetrics of(String connector, String task, Supplier<?> worker) {
    MetricsRegistry registry;
    try {
      registry = new PluginRegistry((PluginMetrics) worker.get());
    } catch (NoSuchMethodError | NoClassDefFoundError | AbstractMethodError e) {
      registry = new JmxRegistry(connector, task);
    }
    return new TaskMetrics(registry);
  }

  /** Returns a set of metrics with these tags, in this order. */
  public Tagged tagged(String... namesAndValues) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      tags.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Tagged(tags);
  }

  /**
   * Updates the rates and publishes metrics that could not be published before. Must be called at
   * least every few seconds.
   */
  public void update() {
    registry.retry();
    long now = System.currentTimeMillis();
    counters.forEach(counter -> counter.update(now));
  }

  @Override
  public void close() {
    registry.close();
  }

  /** Metrics that share their tags. */
  public final class Tagged {
    private final Map<String, String> tags;

    private Tagged(Map<String, String> tags) {
      this.tags = tags;
    }

    /** Publishes {@code <name>-total} and {@code <name>-rate}, which is per second. */
    public Counter counter(String name, String what) {
      Counter counter = new Counter();
      counters.add(counter);
      add(name + "-total", what + ", since the task started.", counter.totalMetric());
      add(name + "-rate", what + ", per second.", counter.rateMetric());
      return counter;
    }

    /** Publishes {@code <name>-avg} and {@code <name>-max}, in milliseconds. */
    public Timing timing(String name, String what) {
      Timing timing = new Timing();
      add(name + "-avg", what + ", average in milliseconds.", timing.averageMetric());
      add(name + "-max", what + ", maximum in milliseconds.", timing.largestMetric());
      return timing;
    }

    /** Publishes the supplier's value; NaN means unknown. */
    public void gauge(String name, String what, DoubleSupplier value) {
      add(name, what + ".", (config, now) -> value.getAsDouble());
    }

    private void add(String name, String what, Measurable measurable) {
      registry.add(registry.name(name, what, tags), measurable);
    }
  }
}
