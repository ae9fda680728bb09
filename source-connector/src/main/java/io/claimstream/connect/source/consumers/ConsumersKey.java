/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.client.Watched;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.Fences;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Store of a stream's {@link ConsumersState}, in a key in the slot of the stream. Each lane watches
 * the key with every read, so that it reads only under the state that it knows. A connector that
 * never had several lanes on the stream has no such key.
 */
public final class ConsumersKey {
  private final ConsumerGroup group;
  private final String connector;
  private final String key;
  private final int lanes;

  /**
   * Creates the store of a stream.
   *
   * @param connector the connector's name
   * @param lanes current number of lanes of the stream
   */
  public ConsumersKey(ConsumerGroup group, String connector, int lanes) {
    this.group = group;
    this.connector = connector;
    this.key = key(group, connector);
    this.lanes = lanes;
  }

  /** Returns the key of the state. */
  private static String key(ConsumerGroup group, String connector) {
    return SlotKeys.sibling(group.stream(), "consumers", group.name(), connector);
  }

  /** Deletes the state, when all positions are reset. */
  public static void forget(RedisConnection connection, ConsumerGroup group, String connector) {
    connection.call(Command.of("DEL", key(group, connector)));
  }

  ConsumerGroup group() {
    return group;
  }

  String connector() {
    return connector;
  }

  /** Creates the ownership of a consumer, which reads only under the state that it knows. */
  public LaneOwnership ownership(String consumer, Fences fences) {
    return new LaneOwnership(group, consumer, key, fences);
  }

  /** The current number of lanes of the stream. */
  int lanes() {
    return lanes;
  }

  ConsumersState parse(@Nullable String text) {
    return StateVersion.parse(key, text, known -> ConsumersState.parse(known, lanes));
  }

  ConsumersState read(RedisConnection connection) {
    return parse(Replies.text(connection.call(Command.of("GET", key))));
  }

  /** Whether this state is stored in Redis, where other lanes see it. */
  boolean isWritten(RedisConnection connection, ConsumersState state) {
    return state.toString().equals(Replies.text(connection.call(Command.of("GET", key))));
  }

  /**
   * Replaces the state atomically with other commands; returns false, without any effect, if the
   * stored state is not {@code from}. Ends the connection's watch.
   */
  boolean replace(
      RedisConnection connection, ConsumersState from, ConsumersState to, Command... along) {
    List<@Nullable Object> watched =
        connection.pipeline(List.of(Command.of("WATCH", key), Command.of("GET", key)));
    Replies.checked(watched.get(0), "WATCH " + key);
    String held = Replies.text(Replies.checked(watched.get(1), "GET " + key));
    if (!parse(held).equals(from)) {
      return false;
    }
    List<Command> commands = new ArrayList<>();
    commands.add(Command.of("SET", key, to));
    commands.addAll(List.of(along));
    Optional<List<@Nullable Object>> results =
        Transaction.executeEvenIfFull(
            connection, List.of(new Watched(key, held)), group.ackNothing(), commands);
    for (int i = 0; results.isPresent() && i < commands.size(); i++) {
      Object result = results.get().get(i);
      // another client has just created the group, or deleted the stream: an unnecessary doubt only
      // costs duplicates
      if (!(result instanceof ErrorReply error && error.code().equals("BUSYGROUP"))
          && !ConsumerGroup.isWithoutStream(result)) {
        Replies.checked(result, commands.get(i));
      }
    }
    return results.isPresent();
  }
}
