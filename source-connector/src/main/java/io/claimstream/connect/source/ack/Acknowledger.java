/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
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

  /** Connect's commit, and a stop, wait for it: a server that is frozen must not hold them up. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final LaneConnections.Follower connection;
  private final String stream;
  private final String group;
  private final LaneAcknowledgements acknowledgements;
  private final StreamMetrics metrics;
  private boolean failing;
  private boolean closed;

  /** An acknowledger for one lane; connects when it is first needed. */
  public Acknowledger(
      LaneConnections connections,
      String stream,
      String group,
      LaneAcknowledgements acknowledgements,
      StreamMetrics metrics) {
    this.connection = connections.follower();
    this.stream = stream;
    this.group = group;
    this.acknowledgements = acknowledgements;
    this.metrics = metrics;
  }

  /** Acknowledges all that is ready; never throws what Redis says. */
  public synchronized void acknowledge() {
    if (closed || connection.mustWait()) {
      return;
    }
    List<EntryId> ids = acknowledgements.take();
    while (!ids.isEmpty() && acknowledged(ids)) {
      ids = acknowledgements.take();
    }
  }

  private boolean acknowledged(List<EntryId> ids) {
    try {
      RedisConnection open = connection.open();
      Command ack = Command.of("XACK", stream, group).addAll(ids);
      open.send(List.of(ack));
      if (!open.awaitReply(PATIENCE)) {
        throw new RedisOutageException(ack + " is not answered", null);
      }
      Replies.checked(open.receive(1, Duration.ZERO).get(0), ack);
      acknowledgements.acknowledged(ids.size());
      failing = false;
      return true;
    } catch (ConnectException e) {
      acknowledgements.putBack(ids);
      connection.close();
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
      return false;
    }
  }

  /** Asks how the stream is, where no read has done that lately: nobody reads while paused. */
  public synchronized void sample() {
    if (closed || connection.mustWait()) {
      return;
    }
    List<Command> questions = metrics.dueQuestions();
    if (!questions.isEmpty()) {
      try {
        RedisConnection open = connection.open();
        open.send(questions);
        if (open.awaitReply(PATIENCE)) {
          metrics.sampled(open.receive(questions.size(), Duration.ZERO));
        } else {
          connection.close();
        }
      } catch (ConnectException e) {
        LOG.debug("group '{}' of stream '{}' is not sampled: {}", group, stream, e.getMessage());
        connection.close();
      }
    }
  }

  /** For good: a commit that comes during a stop must not connect again. */
  @Override
  public synchronized void close() {
    closed = true;
    connection.close();
  }
}
