/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.metrics;

import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The metrics of a sink task, by destination stream. Used by the task's thread only. */
public final class SinkMetrics implements AutoCloseable {
  private final TaskMetrics metrics;
  private final OutageBreaker breaker;
  private final InstantSource clock;
  private final Map<String, StreamMetrics> streams = new HashMap<>();

  /** Creates the metrics of a task whose Redis connection that breaker guards. */
  public SinkMetrics(TaskMetrics metrics, OutageBreaker breaker, InstantSource clock) {
    this.metrics = metrics;
    this.breaker = breaker;
    this.clock = clock;
  }

  /** Returns the metrics of one stream, and publishes them from now on. */
  public StreamMetrics of(String stream) {
    return streams.computeIfAbsent(
        stream, name -> new StreamMetrics(metrics, name, breaker, clock));
  }

  /** Returns the metrics of every stream so far. */
  public Collection<StreamMetrics> all() {
    return streams.values();
  }

  /** Updates the rates. */
  public void update() {
    metrics.update();
  }

  @Override
  public void close() {
    metrics.close();
  }
}
