/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.error;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.InstantSource;
import org.apache.kafka.connect.errors.DataException;

/**
 * Appends an entry for each bad record to a Redis stream: its location in Kafka and the reason. The
 * record itself stays in its topic, and goes to Connect's dead letter queue if that is on.
 */
public final class FailureNotes {
  private final FailedStream stream;
  private final String connector;
  private final StreamConnections connections;
  private final InstantSource clock;

  /**
   * Creates a writer to that stream.
   *
   * @param stream the stream; nothing is appended if it is off
   */
  public FailureNotes(
      FailedStream stream, String connector, StreamConnections connections, InstantSource clock) {
    this.stream = stream;
    this.connector = connector;
    this.connections = connections;
    this.clock = clock;
  }

  /**
   * Appends the entry for one bad record.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis does not store it
   */
  void append(BadRecord bad) {
    if (stream.isOff()) {
      return;
    }
    RecordOrigin origin = bad.origin();
    DataException error = bad.error();
    Throwable reason = error.getCause() == null ? error : error.getCause();
    Command command =
        stream
            .append()
            .add("error_stage")
            .add("sink")
            .add("error_connector")
            .add(connector)
            .add("error_topic")
            .add(origin.partition().topic())
            .add("error_partition")
            .add(origin.partition().partition())
            .add("error_offset")
            .add(origin.offset())
            .add("error_stream")
            .add(bad.stream())
            .add("error_class")
            .add(reason.getClass().getName())
            .add("error_message")
            .add(String.valueOf(reason.getMessage()))
            .add("error_time")
            .add(clock.instant());
    try {
      connections.to(stream.name()).call(command);
    } catch (RedisOutageException e) {
      connections.drop(stream.name());
      throw e;
    }
  }
}
