/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.LaneConnections;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Dead letter stream ({@code redis.failed.stream}). A dead letter has the entry's original fields
 * verbatim, followed by {@code error_*} fields with its origin and the reason.
 *
 * <p>On one node the append and the acknowledgement are one transaction, executed only while no
 * newer task owns the consumer that has the entry pending. In a Cluster with the two streams on
 * different nodes, the append comes first, after a check of the owner: a crash in between leaves
 * the entry in both streams, never in neither. Has its own connections, because the reader's may
 * have a read in flight. Used by one thread.
 */
public final class DeadLetterStream implements AutoCloseable {
  /**
   * Delivery count that no entry reaches. It marks a pending entry that neither Kafka nor the dead
   * letter stream has, although Connect's offset is past it.
   */
  private static final long UNWRITTEN = 1_000_000_000;

  /**
   * Maximum idle time of the connection to the other node. A connection that was idle longer may
   * have outlived a failover and lead to a former master, which accepts a write and then loses it.
   */
  private static final Duration LONGEST_UNUSED = Duration.ofSeconds(1);

  private final FailedStream failedStream;
  private final boolean oneTransaction;
  private final LaneConnections.Follower connection;
  private final RedisConnections connections;
  private final EntryOrigin origin;
  private final ConsumerGroup group;
  private final StreamMetrics metrics;
  private final Clock clock;
  private final Set<EntryId> uncertain = new HashSet<>();
  private final FencedWrites writes;
  private @Nullable RedisConnection checked;
  private @Nullable RedisConnection other;
  private long otherUsedNanos;

  /**
   * Creates a dead letter stream; it connects on first use.
   *
   * @param failedStream if off, {@link #move} only acknowledges entries
   * @param cluster whether keys may be on different nodes
   * @param lane connections to the node of the stream that the entries were read from
   * @param connections for the dead letter stream if it is on another node
   */
  public DeadLetterStream(
      FailedStream failedStream,
      boolean cluster,
      LaneConnections lane,
      RedisConnections connections,
      EntryOrigin origin,
      StreamMetrics metrics,
      Clock clock) {
    this.failedStream = failedStream;
    this.oneTransaction =
        !cluster || SlotKeys.together(failedStream.name(), origin.group().stream());
    this.connection = lane.follower();
    this.writes = new FencedWrites(lane.fences(), origin, this::close);
    this.connections = connections;
    this.origin = origin;
    this.group = origin.group();
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Whether moved entries are kept in a stream. */
  public boolean isKept() {
    return !failedStream.isOff();
  }

  /** Whether a delivery count is the mark of {@link #markUnwritten}. */
  public static boolean isUnwritten(long deliveries) {
    return deliveries >= UNWRITTEN;
  }

  /**
   * Marks a pending entry whose dead letter was not written anywhere, for the task that finds it
   * later.
   *
   * @param consumer consumer that has the entry pending
   * @throws RedisOutageException if the outcome is unknown; a retry is safe
   */
  public void markUnwritten(String consumer, EntryId id) {
    try {
      Command mark =
          Command.of("XCLAIM", group.stream(), group.name(), consumer, 0, id)
              .addAll(List.of("RETRYCOUNT", UNWRITTEN, "JUSTID"));
      Object reply = writes.execute(connection.open(), consumer, List.of(mark)).get(0);
      if (!isGroupLost(reply)) {
        Replies.checked(reply, mark);
      }
    } catch (RedisOutageException e) {
      close();
      throw e;
    }
  }

  /**
   * Returns those of the ids that {@link #markUnwritten} marked while they were pending.
   *
   * @throws RedisOutageException if Redis is unavailable
   */
  public Set<EntryId> unwritten(List<EntryId> ids) {
    try {
      List<Command> commands = ids.stream().map(this::pending).toList();
      List<@Nullable Object> replies = connection.open().pipeline(commands);
      Set<EntryId> marked = new HashSet<>();
      for (int i = 0; i < commands.size(); i++) {
        Object reply = replies.get(i);
        if (isGroupLost(reply)) {
          continue;
        }
        for (Object row : Replies.list(Replies.checked(reply, commands.get(i)))) {
          if (Replies.list(row).get(3) instanceof Long deliveries && isUnwritten(deliveries)) {
            marked.add(ids.get(i));
          }
        }
      }
      return marked;
    } catch (RedisOutageException e) {
      close();
      throw e;
    }
  }

  private Command pending(EntryId id) {
    return Command.of("XPENDING", group.stream(), group.name(), id, id, 1);
  }

  /** The origin of the entries. */
  EntryOrigin origin() {
    return origin;
  }

  /** The metrics of the stream that the entries were read from. */
  StreamMetrics metrics() {
    return metrics;
  }

  /** Connect's source partition for the entries that a consumer read. */
  public SourcePartition partition(String consumer) {
    return new SourcePartition(group, consumer);
  }

  /**
   * Appends the entry and acknowledges it.
   *
   * @param consumer consumer that has the entry pending
   * @throws RedisOutageException if the outcome is unknown; a retry is safe
   * @throws ConnectException if a newer task owns the consumer and therefore the entry
   */
  public void move(String consumer, StreamEntry entry, Failure failure) {
    try {
      RedisConnection open = connection.open();
      if (!uncertain.add(entry.id()) && !isPending(open, entry)) {
        uncertain.remove(entry.id()); // moved already; possibly only the reply was lost
        return;
      }
      if (failedStream.isOff()) {
        transact(open, consumer, List.of(ack(entry)));
      } else if (oneTransaction) {
        checkType(open);
        transact(open, consumer, List.of(append(entry, failure), ack(entry)));
      } else {
        writes.confirm(open, consumer);
        other().call(append(entry, failure));
        otherUsedNanos = System.nanoTime();
        transact(open, consumer, List.of(ack(entry)));
      }
      uncertain.remove(entry.id());
    } catch (RedisOutageException e) {
      close();
      throw e;
    }
  }

  /**
   * Appends an entry that Redis has lost, without acknowledging it: its id may now belong to
   * another entry.
   */
  public void copy(String consumer, StreamEntry entry, Failure failure) {
    try {
      uncertain.remove(entry.id());
      if (failedStream.isOff()) {
        return;
      }
      RedisConnection open = connection.open();
      if (oneTransaction) {
        transact(open, consumer, List.of(append(entry, failure)));
      } else {
        writes.confirm(open, consumer);
        other().call(append(entry, failure));
        otherUsedNanos = System.nanoTime();
      }
    } catch (RedisOutageException e) {
      close();
      throw e;
    }
  }

  /**
   * Checks, once per connection, that the dead letter key is a stream. Otherwise Redis detects the
   * wrong type only while it executes the transaction, and acknowledges the entry nevertheless.
   */
  private void checkType(RedisConnection open) {
    if (checked != open) {
      open.call(Command.of("XRANGE", failedStream.name(), "0-1", "0-1"));
      checked = open;
    }
  }

  private void transact(RedisConnection open, String consumer, List<Command> commands) {
    List<@Nullable Object> results = writes.execute(open, consumer, commands);
    if (commands.size() > 1 && results.get(0) instanceof ErrorReply) {
      checked = null;
      // Redis does not roll back a transaction: undo the acknowledgement, since the dead letter was
      // not written
      open.pipeline(List.of(pendingAgain(consumer, commands.get(1))));
    }
    for (int i = 0; i < commands.size(); i++) {
      Replies.checked(results.get(i), commands.get(i));
    }
  }

  /** Reverts an acknowledgement. */
  private Command pendingAgain(String consumer, Command ack) {
    return Command.of("XCLAIM", group.stream(), group.name(), consumer, 0)
        .addAll(ack.arguments().subList(2, ack.arguments().size()))
        .addAll(List.of("FORCE", "JUSTID"));
  }

  private RedisConnection other() {
    RedisConnection open = other;
    if (open != null
        && (open.isClosedByServer()
            || System.nanoTime() - otherUsedNanos > LONGEST_UNUSED.toNanos())) {
      closeOther();
      open = null;
    }
    if (open == null) {
      open = connections.open(failedStream.name());
      other = open;
    }
    return open;
  }

  private void closeOther() {
    if (other != null) {
      other.close();
      other = null;
    }
  }

  /** Moves an entry unless a lookup shows that it was moved before. */
  public void moveUnlessDone(String consumer, StreamEntry entry, Failure failure) {
    uncertain.add(entry.id());
    move(consumer, entry, failure);
  }

  private boolean isPending(RedisConnection open, StreamEntry entry) {
    Command asked = pending(entry.id());
    Object reply = open.pipeline(List.of(asked)).get(0);
    // the pending entries are lost with the group: a duplicate dead letter is better than none
    return isGroupLost(reply)
        || !Replies.list(Replies.checked(reply, asked)).isEmpty()
        || isAhead(open, entry.id());
  }

  /** Whether this server never delivered the entry, because it lags behind the server that did. */
  private boolean isAhead(RedisConnection open, EntryId id) {
    return group.info(open).map(info -> id.isAfter(info.lastDelivered())).orElse(true);
  }

  /**
   * Whether the group is lost. The reader recreates it, and only entries that are read again are
   * pending then.
   */
  private static boolean isGroupLost(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.code().equals("NOGROUP");
  }

  private Command ack(StreamEntry entry) {
    return group.ack(List.of(entry.id()));
  }

  @Override
  public void close() {
    connection.close();
    closeOther();
  }

  private Command append(StreamEntry entry, Failure failure) {
    List<Object> fields = new ArrayList<>(entry.fields());
    add(fields, "error_stream", group.stream());
    add(fields, "error_id", entry.id());
    add(fields, "error_group", group.name());
    add(fields, "error_connector", origin.connector());
    add(fields, "error_task", origin.task());
    add(fields, "error_class", failure.errorClass());
    add(fields, "error_message", failure.message());
    add(fields, "error_stage", failure.stage().text());
    if (failure.deliveries() != null) {
      add(fields, "error_deliveries", failure.deliveries());
    }
    add(fields, "error_time", clock.instant());
    return failedStream.append().addAll(fields);
  }

  private static void add(List<Object> fields, String name, Object value) {
    fields.add(name);
    fields.add(value);
  }
}
