/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Appends by pipelined {@code XADD}, in the order given. Used by the task's thread only. */
public final class StreamWriter {
  private final StreamConnections connections;
  private final Retention retention;
  private final SinkMetrics metrics;

  /** A writer over those connections. */
  public StreamWriter(StreamConnections connections, Retention retention, SinkMetrics metrics) {
    this.connections = connections;
    this.retention = retention;
    this.metrics = metrics;
  }

  /**
   * Appends to one stream, in one round trip.
   *
   * @return one outcome per append, in order
   */
  public List<WriteOutcome> append(String stream, List<StreamAppend> appends) {
    List<WriteOutcome> outcomes = new ArrayList<>(appends.size());
    boolean isOut = false;
    long begin = System.nanoTime();
    try {
      RedisConnection connection = connections.to(stream);
      List<Command> trims = retention.trims(stream);
      List<Command> commands = new ArrayList<>(appends.size() + trims.size());
      for (StreamAppend append : appends) {
        commands.add(Command.of("XADD", stream, "*").addAll(append.fields()));
      }
      commands.addAll(trims);
      connection.send(commands);
      boolean allDone = true;
      for (StreamAppend append : appends) {
        // one by one: what was answered before the connection broke is in the stream
        WriteOutcome outcome = outcome(append, connection.receive(1, Duration.ZERO).get(0));
        outcomes.add(outcome);
        allDone &= outcome.isDone();
        isOut |= outcome.cause() instanceof RedisOutageException;
      }
      metrics
          .of(stream)
          .wrote(
              Duration.ofNanos(System.nanoTime() - begin),
              appends.get(appends.size() - 1).record().timestamp());
      List<@Nullable Object> trimmed = connection.receive(trims.size(), Duration.ZERO);
      if (allDone) {
        retention.check(stream, trimmed);
      }
    } catch (RedisOutageException e) {
      isOut = true;
      for (StreamAppend append : appends.subList(outcomes.size(), appends.size())) {
        outcomes.add(WriteOutcome.failed(append, e));
      }
    }
    metrics.of(stream).written().add(outcomes.stream().filter(WriteOutcome::isDone).count());
    if (isOut) {
      connections.drop(stream);
    }
    return outcomes;
  }

  private static WriteOutcome outcome(StreamAppend append, @Nullable Object reply) {
    return reply instanceof ErrorReply error
        ? WriteOutcome.failed(append, RedisErrors.toException(error.text(), "XADD of " + append))
        : WriteOutcome.done(append);
  }
}
