/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.GuardedScript;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * The reader's connection, which also sends acknowledgements without waiting for their replies.
 * Redis executes them in the order in which everything was sent, so none can come after the reader
 * has made a lost group again. Task thread only.
 *
 * <p>Their replies are read before the next reply that the reader asks for, and an error is thrown
 * there, as if the reader had sent the command itself. Closing the connection puts back what was
 * not confirmed.
 */
public final class AcknowledgingConnection implements RedisConnection {
  /** Age of an unread reply from which on the server may have closed the connection as idle. */
  private static final long IDLE_NANOS = 1_000_000_000;

  private final RedisConnection connection;
  private final ConsumerGroup group;
  private final LaneAcknowledgements acknowledgements;
  private final Deque<Sent> sent = new ArrayDeque<>();

  /** Number of the reader's own replies that are outstanding after the last acknowledgement. */
  private int own;

  private long lastSentNanos;

  /**
   * Entries whose acknowledgement is outstanding, or none for a commit that is being stored, after
   * a number of the reader's own replies.
   */
  private static final class Sent {
    private final Command command;
    private final List<EntryId> ids;
    private int ownBefore;

    Sent(Command command, List<EntryId> ids, int ownBefore) {
      this.command = command;
      this.ids = ids;
      this.ownBefore = ownBefore;
    }
  }

  /**
   * Wraps a connection.
   *
   * @param connection closed with this one
   */
  public AcknowledgingConnection(
      RedisConnection connection, ConsumerGroup group, LaneAcknowledgements acknowledgements) {
    this.connection = connection;
    this.group = group;
    this.acknowledgements = acknowledgements;
  }

  /** Sends what was committed, unless it is stored. */
  public void storeCommits() {
    for (Command command : acknowledgements.takeCommits()) {
      try {
        send(command, List.of());
      } catch (ConnectException e) {
        // now, and not when this connection is closed: others may acknowledge before that
        acknowledgements.putBack(List.of());
        throw e;
      }
    }
  }

  /** Sends the acknowledgements that are due, and before them the commits that they rely on. */
  public void acknowledge() {
    storeCommits();
    for (List<EntryId> ids = acknowledgements.take();
        !ids.isEmpty();
        ids = acknowledgements.take()) {
      send(group.ack(ids), ids);
    }
  }

  private void send(Command command, List<EntryId> ids) {
    sent.add(new Sent(command, ids, own));
    own = 0;
    lastSentNanos = System.nanoTime();
    connection.send(List.of(command));
  }

  /**
   * Reads the outstanding replies to acknowledgements, and drops those to the reader's own commands
   * before them.
   *
   * @return false if Redis does not reply within that time
   */
  public boolean settle(Duration atMost) {
    while (!sent.isEmpty()) {
      if (!connection.awaitReply(atMost)) {
        return false;
      }
      int before = sent.element().ownBefore;
      if (before > 0) {
        receive(before, Duration.ZERO);
      } else {
        receiveAcknowledgement();
      }
    }
    return true;
  }

  private boolean isAcknowledgementNext() {
    return !sent.isEmpty() && sent.element().ownBefore == 0;
  }

  private void receiveAcknowledgement() {
    Object reply = connection.receive(1, Duration.ZERO).get(0);
    Sent first = sent.remove();
    if (first.ids.isEmpty() && GuardedScript.isNeeded(reply)) {
      return; // a full Redis stores nothing new; the acknowledgements need no memory
    }
    if (reply instanceof ErrorReply) {
      acknowledgements.putBack(first.ids);
    } else {
      acknowledgements.acknowledged(first.ids.size());
    }
    Replies.checked(reply, first.command);
  }

  @Override
  public void send(List<Command> commands) {
    own += commands.size();
    connection.send(commands);
  }

  @Override
  public List<@Nullable Object> receive(int replies, Duration patience) {
    if (replies == 0) {
      return List.of(); // without waiting for an acknowledgement that nobody needs yet
    }
    while (isAcknowledgementNext()) {
      receiveAcknowledgement();
    }
    if (sent.isEmpty()) {
      own -= replies;
    } else {
      sent.element().ownBefore -= replies;
    }
    return connection.receive(replies, patience);
  }

  @Override
  public boolean awaitReply(Duration atMost) {
    return receivesAcknowledgements(atMost) && connection.awaitReply(atMost);
  }

  /** Reads the replies to acknowledgements that are next; false if one does not come in time. */
  private boolean receivesAcknowledgements(Duration atMost) {
    while (isAcknowledgementNext()) {
      if (!connection.awaitReply(atMost)) {
        return false;
      }
      receiveAcknowledgement();
    }
    return true;
  }

  @Override
  public boolean isClosedByServer() {
    if (isAcknowledgementNext() && System.nanoTime() - lastSentNanos > IDLE_NANOS) {
      // until it is read, the connection cannot see whether the server has closed it since
      try {
        receivesAcknowledgements(Duration.ZERO);
      } catch (RedisOutageException e) {
        return true;
      }
    }
    return connection.isClosedByServer();
  }

  @Override
  public String address() {
    return connection.address();
  }

  @Override
  public void close() {
    sent.forEach(unconfirmed -> acknowledgements.putBack(unconfirmed.ids));
    sent.clear();
    connection.close();
  }
}
