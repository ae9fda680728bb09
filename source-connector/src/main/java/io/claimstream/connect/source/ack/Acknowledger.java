/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.GuardedScript;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.metrics.StreamMetrics;
import io.claimstream.connect.source.retention.StreamTrimmer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acknowledges the entries of one lane outside of reads, on Connect's commit thread, because a
 * paused or stopping task does not read; and on the task thread what the reader's connection cannot
 * take. Has its own connection, so it never waits for a blocking read. Used by {@link
 * Acknowledgers}, by one thread at a time.
 *
 * <p>A failed acknowledgement is put back and retried with the next read or commit. A persistent
 * error surfaces in the read, which carries the same command.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xack/">XACK</a>
 */
public final class Acknowledger {
  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);

  private final LaneConnections.Follower connection;
  private final ConsumerGroup group;
  private final LaneAcknowledgements acknowledgements;
  private final StreamMetrics metrics;
  private final StreamTrimmer trimmer;
  private boolean failing;
  private @Nullable Sent sent;

  /**
   * Commands whose replies are outstanding.
   *
   * @param commits number of the first commands, which store commits
   * @param trims number of the last commands, which trim the stream
   */
  private record Sent(
      RedisConnection connection,
      List<Command> commands,
      int commits,
      List<EntryId> ids,
      int trims) {}

  /**
   * Creates an acknowledger for one lane; it connects on first use.
   *
   * @param trimmer removes entries that every group has acknowledged
   */
  public Acknowledger(
      LaneContext lane, LaneAcknowledgements acknowledgements, StreamTrimmer trimmer) {
    this.trimmer = trimmer;
    this.connection = lane.connections().follower();
    this.group = lane.group();
    this.acknowledgements = acknowledgements;
    this.metrics = lane.metrics();
  }

  /** Whether it has a connection, as far as is known. */
  boolean isConnected() {
    return connection.isOpen();
  }

  /** Whether trimming is due. A lane that can read trims with its next read. */
  public boolean isTrimDue() {
    return trimmer.isDue();
  }

  /**
   * Sends the acknowledgements that are ready. Never throws because of Redis.
   *
   * @param sampling whether to also sample the stream's metrics and trim it, if that is due
   * @return whether there is a reply to {@link #receive}
   */
  boolean send(boolean sampling) {
    if (connection.mustWait()) {
      return false;
    }
    List<EntryId> ids = acknowledgements.take();
    List<Command> questions = sampling ? metrics.dueSamples() : List.of();
    List<Command> trims = sampling ? trimmer.due() : List.of();
    List<Command> commits = acknowledgements.takeCommits();
    if (ids.isEmpty() && commits.isEmpty() && questions.isEmpty() && trims.isEmpty()) {
      return false;
    }
    List<Command> commands = new ArrayList<>(commits);
    if (!ids.isEmpty()) {
      commands.add(group.ack(ids));
    }
    commands.addAll(questions);
    commands.addAll(trims);
    try {
      RedisConnection open = connection.open();
      open.send(commands);
      sent = new Sent(open, commands, commits.size(), ids, trims.size());
      return true;
    } catch (ConnectException e) {
      failed(ids, e);
      return false;
    }
  }

  /**
   * Receives the reply to the sent commands.
   *
   * @return whether entries were acknowledged, so that more may be sent
   */
  boolean receive(Duration atMost) {
    Sent last = Objects.requireNonNull(sent);
    sent = null;
    Command first = last.commands().get(0);
    try {
      if (!last.connection().awaitReply(atMost)) {
        throw new RedisOutageException("no reply to " + first, null);
      }
      List<@Nullable Object> replies =
          last.connection().receive(last.commands().size(), Duration.ZERO);
      for (int i = 0; i < last.commits(); i++) {
        if (!GuardedScript.isNeeded(replies.get(i))) {
          Replies.checked(replies.get(i), last.commands().get(i));
        }
      }
      int next = last.commits();
      boolean acknowledged = !last.ids().isEmpty();
      if (acknowledged) {
        Replies.checked(replies.get(next), last.commands().get(next));
        next++;
        acknowledgements.acknowledged(last.ids().size());
        failing = false;
      }
      int trimsAt = replies.size() - last.trims();
      metrics.sampled(replies.subList(next, trimsAt));
      trimmer.checkLater(replies.subList(trimsAt, replies.size()));
      return acknowledged;
    } catch (ConnectException e) {
      failed(last.ids(), e);
      return false;
    }
  }

  private void failed(List<EntryId> ids, ConnectException e) {
    connection.close();
    acknowledgements.putBack(ids);
    if (ids.isEmpty()) {
      LOG.debug("{}: sampling metrics failed: {}", group, e.getMessage());
      return;
    }
    if (!failing) {
      failing = true;
      LOG.warn(
          "{}: failed to acknowledge {} entries that Kafka has; retrying: {}",
          group,
          ids.size(),
          e.getMessage());
    }
  }

  void close() {
    connection.close();
  }
}
