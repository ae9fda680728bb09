/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The metrics of a sink task, by destination stream. Used by the task's thread only. */
public final class SinkMetrics implements AutoCloseable {
  private final TaskMetrics metrics;
  private final String tag;
  private final OutageBreaker breaker;
  private final InstantSource clock;
  private final Map<String, StreamMetrics> streams = new HashMap<>();

  /**
   * Creates the metrics of a task whose Redis connection that breaker guards.
   *
   * @param tag {@code stream}, or {@code keys} for a read model
   */
  public SinkMetrics(TaskMetrics metrics, String tag, OutageBreaker breaker, InstantSource clock) {
    this.metrics = metrics;
    this.tag = tag;
    this.breaker = breaker;
    this.clock = clock;
  }

  /** Returns the metrics of one stream, and publishes them from now on. */
  public StreamMetrics of(String stream) {
    return streams.computeIfAbsent(
        stream, name -> new StreamMetrics(metrics, tag, name, breaker, clock));
  }

  /** Returns the metrics of every stream so far. */
  public Collection<StreamMetrics> all() {
    return streams.values();
  }

  /**
   * Samples the assigned streams, in one round trip to each master.
   *
   * @throws RedisOutageException after the others were sampled, if a master does not reply
   */
  public void sample(StreamConnections connections, Set<String> assigned) {
    streams.values().stream()
        .filter(each -> !assigned.contains(each.stream()))
        .forEach(StreamMetrics::unknown);
    AtomicReference<RedisOutageException> met = new AtomicReference<>();
    connections.round(
        assigned.stream().collect(Collectors.toMap(Function.identity(), this::of)),
        (stream, of) -> {
          List<Command> questions = of.questions();
          StreamConnections.Sent sent = connections.send(stream, questions);
          return () -> {
            try {
              of.sampled(sent.receive(questions.size()));
            } catch (RedisOutageException e) {
              met.set(e);
            }
          };
        });
    if (met.get() != null) {
      throw met.get();
    }
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
