/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Appends by pipelined {@code XADD}, in the order given. Used by the task's thread only. */
public final class StreamWriter {
  private final StreamConnections connections;
  private final Retention retention;
  private final int chunk;

  /**
   * A writer over those connections.
   *
   * @param chunk how many appends travel in one round trip at most
   */
  public StreamWriter(StreamConnections connections, Retention retention, int chunk) {
    this.connections = connections;
    this.retention = retention;
    this.chunk = chunk;
  }

  /**
   * Appends to one stream. After an outage the rest is not tried.
   *
   * @return one outcome per append, in order
   */
  public List<WriteOutcome> append(String stream, List<StreamAppend> appends) {
    List<WriteOutcome> outcomes = new ArrayList<>(appends.size());
    RedisOutageException outage = null;
    for (int from = 0; from < appends.size(); from += chunk) {
      List<StreamAppend> part = appends.subList(from, Math.min(from + chunk, appends.size()));
      if (outage == null) {
        outage = appendChunk(stream, part, outcomes);
      } else {
        addFailed(outcomes, part, outage);
      }
    }
    return outcomes;
  }

  private @Nullable RedisOutageException appendChunk(
      String stream, List<StreamAppend> part, List<WriteOutcome> outcomes) {
    int first = outcomes.size();
    RedisOutageException outage = null;
    try {
      RedisConnection connection = connections.to(stream);
      List<Command> trims = retention.trims(stream);
      List<Command> commands = new ArrayList<>(part.size() + trims.size());
      part.forEach(append -> commands.add(Command.of("XADD", stream, "*").addAll(append.fields())));
      commands.addAll(trims);
      connection.send(commands);
      boolean allDone = true;
      for (StreamAppend append : part) {
        // one by one: what was answered before the connection broke is in the stream
        WriteOutcome outcome = outcome(append, connection.receive(1, Duration.ZERO).get(0));
        outcomes.add(outcome);
        allDone &= outcome.isDone();
        if (outcome.cause() instanceof RedisOutageException e) {
          outage = e;
        }
      }
      List<@Nullable Object> trimmed = connection.receive(trims.size(), Duration.ZERO);
      if (allDone) {
        retention.check(stream, trimmed);
      }
    } catch (RedisOutageException e) {
      outage = e;
      addFailed(outcomes, part.subList(outcomes.size() - first, part.size()), e);
    }
    if (outage != null) {
      connections.drop(stream);
    }
    return outage;
  }

  private static WriteOutcome outcome(StreamAppend append, @Nullable Object reply) {
    return reply instanceof ErrorReply error
        ? WriteOutcome.failed(append, RedisErrors.toException(error.text(), "XADD of " + append))
        : WriteOutcome.done(append);
  }

  private static void addFailed(
      List<WriteOutcome> outcomes, List<StreamAppend> part, ConnectException cause) {
    part.forEach(append -> outcomes.add(WriteOutcome.failed(append, cause)));
  }
}
