/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.Transaction;
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
 * watches the key and knows it was ours: a transaction that commits was the owner's.
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
  private @Nullable RedisConnection written;

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
      List<@Nullable Object> watched = connection.pipeline(rewatch());
      Replies.checked(watched.get(0), "WATCH " + key);
      long owner = generationOf(Replies.checked(watched.get(1), "GET " + key));
      if (generation == NONE) {
        hadOwner = owner != NONE;
        generation = Math.max(owner + 1, microseconds(connection));
      }
      LanesState state = shared.parse(Replies.checked(watched.get(2), "GET " + shared.key()));
      if (owner > generation) {
        throw fenced();
      }
      if (owner == generation && connection == written) {
        return state;
      }
      Optional<List<@Nullable Object>> results =
          Transaction.execute(connection, List.of(Command.of("SET", key, generation)));
      if (results.isPresent()) {
        Replies.checked(results.get().get(0), "SET " + key);
        written = connection;
        fences.owned(consumer, key, generation);
      } else if (written == null) {
        // another task was quicker, perhaps with the same number
        generation = NONE;
      }
    }
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

  /** Whether the reply to the second command of {@link #rewatch} shows this task as the owner. */
  boolean isMine(@Nullable Object reply) {
    return generationOf(reply) == generation;
  }

  private static long generationOf(@Nullable Object reply) {
    String text = Replies.text(reply);
    return text == null ? NONE : Long.parseLong(text);
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
