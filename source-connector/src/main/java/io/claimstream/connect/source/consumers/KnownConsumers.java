/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes a connector's consumers from those of other programs in the group. The name is not
 * sufficient, because the pods of a StatefulSet are also named {@code <name>-0}, {@code <name>-1}
 * and so on. A consumer under whose name this connector has read has an owner key in Redis, is
 * counted in the state of the stream's lanes, or has an offset in Connect. Used by one thread.
 */
public final class KnownConsumers {
  /** A running connector reads several times a minute. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

  private final ConsumerGroup group;
  private final String connector;
  private final ConsumersKey key;
  private final Predicate<String> hasOffset;
  private final Set<String> own = new HashSet<>();
  private final Map<String, Boolean> offsets = new HashMap<>();

  /**
   * Creates the registry for one connector and stream.
   *
   * @param key the shared state of the stream's lanes
   * @param hasOffset whether Connect has an offset for a consumer
   */
  public KnownConsumers(ConsumersKey key, Predicate<String> hasOffset) {
    this.group = key.group();
    this.connector = key.connector();
    this.key = key;
    this.hasOffset = hasOffset;
  }

  /** Whether the connector reads or has read as a consumer. */
  public boolean isOwn(RedisConnection connection, String consumer) {
    if (!isNamedLikeOwn(consumer)) {
      return consumer.equals(Lane.takeoverConsumer(connector));
    }
    int index = index(consumer);
    if (index < key.lanes() || own.contains(consumer)) {
      return true;
    }
    boolean known =
        hasOwner(connection, List.of(consumer)).contains(consumer)
            || index < key.read(connection).lanes()
            || offsets.computeIfAbsent(consumer, hasOffset::test);
    if (known) {
      own.add(consumer);
    }
    return known;
  }

  /** Whether a consumer is named like a consumer of the connector. */
  public boolean isNamedLikeOwn(String consumer) {
    return Lane.isConsumerOf(connector, consumer);
  }

  /** Returns the lane index in a consumer's name. */
  int index(String consumer) {
    return Integer.parseInt(consumer.substring(Lane.consumerPrefix(connector).length()));
  }

  /**
   * Returns the consumers of other connectors in the group that have read within the last minute.
   *
   * @param consumers all consumers of the group
   */
  List<ConsumerInfo> ofOtherConnectors(RedisConnection connection, List<ConsumerInfo> consumers) {
    return owned(connection, consumers.stream().filter(KnownConsumers::hasReadLately).toList());
  }

  /**
   * Returns the consumers of other connectors in the group that have pending entries.
   *
   * @param consumers consumers of the group
   */
  List<ConsumerInfo> leftPendingByOtherConnectors(
      RedisConnection connection, List<ConsumerInfo> consumers) {
    return owned(
        connection, consumers.stream().filter(consumer -> consumer.pending() > 0).toList());
  }

  /**
   * Returns the consumers of other connectors in the group that may be reading. Servers before
   * Redis 7.2 do not report reads that return nothing, so there these are all consumers of other
   * connectors.
   *
   * @param consumers all consumers of the group
   */
  public List<ConsumerInfo> perhapsOfOtherConnectors(
      RedisConnection connection, List<ConsumerInfo> consumers) {
    return owned(
        connection,
        consumers.stream()
            .filter(consumer -> !consumer.countsAttempts() || hasReadLately(consumer))
            .toList());
  }

  private static boolean hasReadLately(ConsumerInfo consumer) {
    return consumer.idle().compareTo(LONGEST_SILENCE) < 0;
  }

  private List<ConsumerInfo> owned(RedisConnection connection, List<ConsumerInfo> consumers) {
    List<ConsumerInfo> others =
        consumers.stream().filter(consumer -> !isOwn(connection, consumer.name())).toList();
    Set<String> owned = hasOwner(connection, others.stream().map(ConsumerInfo::name).toList());
    return others.stream().filter(consumer -> owned.contains(consumer.name())).toList();
  }

  private Set<String> hasOwner(RedisConnection connection, List<String> consumers) {
    List<Command> commands = new ArrayList<>();
    consumers.forEach(
        consumer -> commands.add(Command.of("GET", LaneOwnership.key(group, consumer))));
    List<@Nullable Object> replies = commands.isEmpty() ? List.of() : connection.pipeline(commands);
    Set<String> owned = new HashSet<>();
    for (int i = 0; i < commands.size(); i++) {
      if (Replies.checked(replies.get(i), commands.get(i)) != null) {
        owned.add(consumers.get(i));
      }
    }
    return owned;
  }
}
