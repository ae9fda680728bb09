/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.client.Watched;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link LanesState} of a stream in a key beside it. Each lane watches the key with every
 * read: what it reads, it reads under the state that it knows. A connector that never had several
 * lanes on the stream has no such key.
 */
public final class SharedLanes {
  private final ConsumerGroup group;
  private final String key;
  private final int lanes;

  /**
   * The state of a stream's lanes.
   *
   * @param connector the connector's name
   * @param lanes how many lanes the stream has now
   */
  public SharedLanes(ConsumerGroup group, String connector, int lanes) {
    this.group = group;
    this.key = key(group, connector);
    this.lanes = lanes;
  }

  /** The key that {@link #forget} deletes. */
  private static String key(ConsumerGroup group, String connector) {
    return SlotKeys.sibling(group.stream(), "consumers", group.name(), connector);
  }

  /** Forgets the state: for when all positions are given anew. */
  public static void forget(RedisConnection connection, ConsumerGroup group, String connector) {
    connection.call(Command.of("DEL", key(group, connector)));
  }

  String key() {
    return key;
  }

  /** How many lanes the stream has now. */
  int lanes() {
    return lanes;
  }

  LanesState parse(@Nullable Object reply) {
    return LanesState.parse(Replies.text(reply), lanes);
  }

  LanesState read(RedisConnection connection) {
    return parse(connection.call(Command.of("GET", key)));
  }

  /** Whether this state is in Redis, so that other lanes can see it. */
  boolean isWritten(RedisConnection connection, LanesState state) {
    return state.toString().equals(Replies.text(connection.call(Command.of("GET", key))));
  }

  /**
   * Writes a state in one step with other commands; false, with nothing done, if the state is no
   * longer the one it follows from. Ends what the connection watches.
   */
  boolean replace(RedisConnection connection, LanesState from, LanesState to, Command... along) {
    List<@Nullable Object> watched =
        connection.pipeline(List.of(Command.of("WATCH", key), Command.of("GET", key)));
    Replies.checked(watched.get(0), "WATCH " + key);
    Object held = Replies.checked(watched.get(1), "GET " + key);
    if (!parse(held).equals(from)) {
      return false;
    }
    List<Command> commands = new ArrayList<>();
    commands.add(Command.of("SET", key, to));
    commands.addAll(List.of(along));
    Optional<List<@Nullable Object>> results =
        Transaction.executeEvenIfFull(
            connection,
            List.of(new Watched(key, Replies.text(held))),
            group.ackNothing(),
            commands);
    for (int i = 0; results.isPresent() && i < commands.size(); i++) {
      Object result = results.get().get(i);
      // somebody else has just made the group: then a doubt too many only costs duplicates
      if (!(result instanceof ErrorReply error && error.code().equals("BUSYGROUP"))) {
        Replies.checked(result, commands.get(i));
      }
    }
    return results.isPresent();
  }
}
