/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.client.Watched;
import io.claimstream.connect.source.lane.Fences;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Who may read as a lane's consumer: the newest task that asked. Keeps a generation in a key beside
 * the stream, watched by the connection that reads, so that a read of an older task fails as one
 * step with Redis' own check.
 *
 * <p>After {@link #acquire} and after each {@link #rewatch} that is {@link #isMine}, the connection
 * watches the key and knows it was ours: a transaction that commits was the owner's. A Redis that
 * is full takes no transactions: then a script compares the key instead. It is the task's and the
 * connection's own, since a script does not end with its connection.
 *
 * @see <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">WATCH</a>
 */
final class LaneOwnership {
  private static final long NONE = -1;

  private final ConsumerGroup group;
  private final String consumer;
  private final String key;
  private final SharedLanes shared;
  private final Fences fences;
  private long generation = NONE;
  private boolean hadOwner = true;
  private long writes;
  private @Nullable RedisConnection written;
  private @Nullable String value;

  /** What the connection watches that was looked at last. */
  private List<Watched> watched = List.of();

  /**
   * Who may read as one consumer.
   *
   * @param fences are told when this task is the owner
   */
  LaneOwnership(ConsumerGroup group, String consumer, SharedLanes shared, Fences fences) {
    this.fences = fences;
    this.group = group;
    this.consumer = consumer;
    this.shared = shared;
    this.key = key(group, consumer);
  }

  /** The key that a consumer of ours has, from its first read on. */
  static String key(ConsumerGroup group, String consumer) {
    return SlotKeys.sibling(group.stream(), "owner", group.name(), consumer);
  }

  /**
   * Becomes the owner: above all former ones the first time, with the same generation later. Each
   * connection writes it once: what a former one of this task still has on its way then fails, even
   * if it comes late.
   *
   * @return under which state of the stream's lanes the next transaction reads
   * @throws ConnectException if a newer task owns the lane
   */
  LanesState acquire(RedisConnection connection) {
    while (true) {
      List<@Nullable Object> replies = connection.pipeline(rewatch());
      Replies.checked(replies.get(0), "WATCH " + key);
      Object held = Replies.checked(replies.get(1), "GET " + key);
      Object lanes = Replies.checked(replies.get(2), "GET " + shared.key());
      boolean mine = isMine(held, lanes);
      long owner = generationOf(held);
      if (generation == NONE) {
        hadOwner = owner != NONE;
        generation = Math.max(owner + 1, microseconds(connection));
      }
      if (owner > generation) {
        throw fenced();
      }
      if (mine && connection == written) {
        return shared.parse(lanes);
      }
      writes++;
      String next = generation + " " + writes;
      Optional<List<@Nullable Object>> results =
          execute(connection, List.of(Command.of("SET", key, next)));
      if (results.isPresent()) {
        Replies.checked(results.get().get(0), "SET " + key);
        written = connection;
        value = next;
        fences.owned(consumer, key, generation);
      } else if (written == null) {
        // another task was quicker, perhaps with the same number
        generation = NONE;
      }
    }
  }

  /**
   * Executes commands that need next to no memory as one step, if nothing has changed that the
   * connection watches since {@link #acquire}; empty, with nothing done, if something has. Ends
   * what it watches.
   */
  Optional<List<@Nullable Object>> execute(RedisConnection connection, List<Command> commands) {
    return Transaction.executeEvenIfFull(connection, watched, group.ackNothing(), commands);
  }

  /** What the connection watches, as it was when it was looked at last. */
  List<Watched> watched() {
    return watched;
  }

  /**
   * Makes sure that what was read before was read as the owner. Leaves alone what the connection
   * watches.
   *
   * @throws ConnectException if a newer task owns the lane
   */
  void confirm(RedisConnection connection) {
    if (generationOf(connection.call(Command.of("GET", key))) > generation) {
      throw fenced();
    }
  }

  String consumer() {
    return consumer;
  }

  /** Whether Redis knew of a task that read as this consumer, when this one began. */
  boolean hadOwner() {
    return hadOwner;
  }

  /** Greater than that of every former owner. */
  long generation() {
    return generation;
  }

  /** The commands that watch owner and lanes, and look at both; three replies. */
  List<Command> rewatch() {
    return List.of(
        Command.of("WATCH", key, shared.key()),
        Command.of("GET", key),
        Command.of("GET", shared.key()));
  }

  /** Whether the last two replies to {@link #rewatch} show this task as the owner. */
  boolean isMine(@Nullable Object held, @Nullable Object lanes) {
    String text = Replies.text(held);
    watched = List.of(new Watched(key, text), new Watched(shared.key(), Replies.text(lanes)));
    return text != null && text.equals(value);
  }

  private static long generationOf(@Nullable Object reply) {
    String text = Replies.text(reply);
    return text == null ? NONE : Fences.generationOf(text);
  }

  private static long microseconds(RedisConnection connection) {
    List<@Nullable Object> time = Replies.list(connection.call(Command.of("TIME")));
    return Long.parseLong(String.valueOf(Replies.text(time.get(0)))) * 1_000_000
        + Long.parseLong(String.valueOf(Replies.text(time.get(1))));
  }

  private ConnectException fenced() {
    return new ConnectException(
        "consumer '"
            + consumer
            + "' of "
            + group
            + " belongs to a newer task: this one was cut off and must not read on. If two"
            + " connectors of the same name share this stream and group, rename one.");
  }
}
