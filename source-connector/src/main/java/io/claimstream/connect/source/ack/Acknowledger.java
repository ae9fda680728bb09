/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.stream.EntryId;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acknowledges outside of reads, on Connect's commit thread: while a task is paused or stopping
 * nobody reads. Has a connection of its own, so it never waits for a blocking read.
 *
 * <p>A failed acknowledgement is put back and tried again, with the next read or the next commit;
 * an error that lasts surfaces in the read, which carries the same command.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xack/">XACK</a>
 */
public final class Acknowledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);

  private final RedisConnections connections;
  private final String stream;
  private final String group;
  private final LaneAcknowledgements acknowledgements;
  private @Nullable RedisConnection connection;
  private boolean failing;

  /** An acknowledger for one lane; connects when it is first needed. */
  public Acknowledger(
      RedisConnections connections,
      String stream,
      String group,
      LaneAcknowledgements acknowledgements) {
    this.connections = connections;
    this.stream = stream;
    this.group = group;
    this.acknowledgements = acknowledgements;
  }

  /** Acknowledges what is ready; never throws what Redis says. */
  public synchronized void acknowledge() {
    List<EntryId> ids = acknowledgements.take();
    if (ids.isEmpty()) {
      return;
    }
    try {
      if (connection == null) {
        connection = connections.open(stream);
      }
      connection.call(Command.of("XACK", stream, group).addAll(ids));
      failing = false;
    } catch (ConnectException e) {
      acknowledgements.putBack(ids);
      close();
      if (!failing) {
        failing = true;
        LOG.warn(
            "group '{}' of stream '{}': {} entries that Kafka has could not be acknowledged yet,"
                + " trying again: {}",
            group,
            stream,
            ids.size(),
            e.getMessage());
      }
    }
  }

  @Override
  public synchronized void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
