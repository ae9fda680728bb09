/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Commands for one stream that are in flight, and the expected replies. Replies over one connection
 * are received in the order of the writes. Used by the task's thread only.
 */
public final class PipelinedWrite {
  private final StreamConnections connections;
  private final @Nullable RedisConnection connection;
  private final @Nullable ConnectException failure;
  private final Duration sending;

  private PipelinedWrite(
      StreamConnections connections,
      @Nullable RedisConnection connection,
      @Nullable ConnectException failure,
      Duration sending) {
    this.connections = connections;
    this.connection = connection;
    this.failure = failure;
    this.sending = sending;
  }

  /** Sends the commands. A failure is thrown to the caller that receives the replies. */
  public static PipelinedWrite send(
      StreamConnections connections, String stream, List<Command> commands) {
    long begin = System.nanoTime();
    try {
      RedisConnection connection = connections.to(stream);
      connection.send(commands);
      return new PipelinedWrite(connections, connection, null, since(begin));
    } catch (ConnectException e) {
      return new PipelinedWrite(connections, null, e, since(begin));
    }
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  /**
   * Waits for that many replies.
   *
   * @throws ConnectException if they do not arrive, or if the commands could not be sent
   */
  public List<@Nullable Object> receive(int replies) {
    if (failure != null) {
      throw failure;
    }
    return connections.receive(requireNonNull(connection), replies);
  }

  /** Returns how long sending blocked the task. */
  public Duration sending() {
    return sending;
  }
}
