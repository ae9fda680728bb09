/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.client.Watched;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Ownership of a lane's consumer, held by the newest task that acquired it. A key in the slot of
 * the stream stores the owner's generation, and the reading connection watches it, so that a read
 * by an older task fails atomically with Redis' own check.
 *
 * <p>After {@link #acquire}, and after each {@link #rewatch} for which {@link #isMine} is true, the
 * connection watches the key and this task was its owner, so a transaction that commits was the
 * owner's. It watches a second key along with it, so that the consumer reads only under the value
 * of that key that it knows. A Redis that is full rejects transactions; a script compares the key
 * instead. The value is unique to the task and the connection, because a script does not end with
 * its connection.
 *
 * @see <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">WATCH</a>
 */
public final class LaneOwnership {
  private static final long NONE = -1;

  private final ConsumerGroup group;
  private final String consumer;
  private final String key;
  private final String also;
  private final Fences fences;
  private long generation = NONE;
  private boolean hadOwner = true;
  private long writes;
  private @Nullable RedisConnection written;
  private @Nullable String value;

  /** Keys that the connection watches, with their last known values. */
  private List<Watched> watched = List.of();

  /**
   * Creates the ownership of one consumer.
   *
   * @param also second key to watch, in the slot of the stream
   * @param fences records that this task is the owner
   */
  public LaneOwnership(ConsumerGroup group, String consumer, String also, Fences fences) {
    this.fences = fences;
    this.group = group;
    this.consumer = consumer;
    this.also = also;
    this.key = key(group, consumer);
  }

  /** Returns the owner key of a consumer, which exists from the consumer's first read on. */
  public static String key(ConsumerGroup group, String consumer) {
    return SlotKeys.sibling(group.stream(), "owner", group.name(), consumer);
  }

  /**
   * Becomes the owner: with a generation above all former ones the first time, with the same
   * generation later. Each connection writes the key once, so that commands in flight on a former
   * connection of this task fail even if they arrive late.
   *
   * @throws ConnectException if a newer task owns the consumer
   */
  public void acquire(RedisConnection connection) {
    while (true) {
      List<@Nullable Object> replies = connection.pipeline(rewatch());
      Replies.checked(replies.get(0), "WATCH " + key);
      Object held = Replies.checked(replies.get(1), "GET " + key);
      boolean mine = isMine(held, Replies.checked(replies.get(2), "GET " + also));
      long owner = generationOf(held);
      if (generation == NONE) {
        hadOwner = owner != NONE;
        generation = Math.max(owner + 1, microseconds(connection));
      }
      if (owner > generation) {
        throw fenced();
      }
      if (mine && connection == written) {
        return;
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
        // another task was faster, possibly with the same generation
        generation = NONE;
      }
    }
  }

  /**
   * Executes commands that need hardly any memory as one step, if no watched key has changed since
   * {@link #acquire}; returns empty, without any effect, if one has. Ends the connection's watch.
   */
  public Optional<List<@Nullable Object>> execute(
      RedisConnection connection, List<Command> commands) {
    return Transaction.executeEvenIfFull(connection, watched, group.ackNothing(), commands);
  }

  /** The watched keys with their last known values. */
  public List<Watched> watched() {
    return watched;
  }

  /** The last known value of the second watched key; null if the key is missing. */
  public @Nullable String alsoWatched() {
    return watched.isEmpty() ? null : watched.get(1).value();
  }

  /** Returns the command whose reply {@link #confirm} checks; it does not change the watch. */
  public Command ownerCommand() {
    return Command.of("GET", key);
  }

  /**
   * Confirms that what was executed before {@link #ownerCommand} was executed as the owner.
   *
   * @throws ConnectException if a newer task owns the consumer
   */
  public void confirm(@Nullable Object reply) {
    if (generationOf(Replies.checked(reply, "GET " + key)) > generation) {
      throw fenced();
    }
  }

  /** The consumer. */
  public String consumer() {
    return consumer;
  }

  /** Whether the owner key existed when this task started. */
  public boolean hadOwner() {
    return hadOwner;
  }

  /** The generation of this task; greater than that of every former owner. */
  public long generation() {
    return generation;
  }

  /**
   * Returns the commands that watch and get the owner key and the second key; they have three
   * replies.
   */
  public List<Command> rewatch() {
    return List.of(Command.of("WATCH", key, also), Command.of("GET", key), Command.of("GET", also));
  }

  /**
   * Whether the last two replies to {@link #rewatch} show this task as the owner; stores them as
   * last known values.
   */
  public boolean isMine(@Nullable Object held, @Nullable Object second) {
    String text = Replies.text(held);
    watched = List.of(new Watched(key, text), new Watched(also, Replies.text(second)));
    return text != null && text.equals(value);
  }

  private long generationOf(@Nullable Object reply) {
    return StateVersion.parse(
        key, Replies.text(reply), text -> text == null ? NONE : Fences.generationOf(text));
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
            + " is owned by a newer task; this task was fenced and stops. If two connectors with"
            + " the same name share this stream and group, rename one.");
  }
}
