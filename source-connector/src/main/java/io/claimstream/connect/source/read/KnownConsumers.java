/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.lane.Lane;
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
 * Tells the consumers of one connector from those of other programs in the group. A name is not
 * enough: the pods of a StatefulSet are named {@code <name>-0}, {@code <name>-1}, ... as well. A
 * consumer that this connector read as has an owner key in Redis, is counted in the state of the
 * stream's lanes, or has an offset in Connect. Used by one thread.
 */
public final class KnownConsumers {
  /** A connector that runs asks for entries several times a minute. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

  private final ConsumerGroup group;
  private final String connector;
  private final SharedLanes shared;
  private final Predicate<String> hasOffset;
  private final Set<String> own = new HashSet<>();
  private final Map<String, Boolean> offsets = new HashMap<>();

  /**
   * The consumers of one connector on one stream.
   *
   * @param shared what the stream's lanes know of each other
   * @param hasOffset whether Connect has an offset of a consumer
   */
  public KnownConsumers(
      ConsumerGroup group, String connector, SharedLanes shared, Predicate<String> hasOffset) {
    this.group = group;
    this.connector = connector;
    this.shared = shared;
    this.hasOffset = hasOffset;
  }

  /** Whether the connector reads as that consumer, or did before. */
  public boolean isOwn(RedisConnection connection, String consumer) {
    if (!isNamedLikeOwn(consumer)) {
      return consumer.equals(IdleTakeover.consumerOf(connector));
    }
    int index = index(consumer);
    if (index < shared.lanes() || own.contains(consumer)) {
      return true;
    }
    boolean known =
        hasOwner(connection, List.of(consumer)).contains(consumer)
            || index < shared.read(connection).lanes()
            || offsets.computeIfAbsent(consumer, hasOffset::test);
    if (known) {
      own.add(consumer);
    }
    return known;
  }

  /** Whether a consumer's name is one that a lane of the connector could have. */
  public boolean isNamedLikeOwn(String consumer) {
    return Lane.isConsumerOf(connector, consumer);
  }

  /** The number of the lane that reads as a consumer of that name. */
  int index(String consumer) {
    return Integer.parseInt(consumer.substring(Lane.consumerPrefix(connector).length()));
  }

  /**
   * The consumers of other connectors in the group that have read within the last minute.
   *
   * @param consumers those of the group
   */
  List<ConsumerInfo> ofOtherConnectors(RedisConnection connection, List<ConsumerInfo> consumers) {
    return owned(connection, consumers.stream().filter(KnownConsumers::hasReadLately).toList());
  }

  /**
   * The consumers of other connectors in the group that may be reading. A server before Redis 7.2
   * does not tell of reads that find nothing: there it is all of them.
   *
   * @param consumers those of the group
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

  /** The key that makes a consumer one of a connector. */
  public String ownerKey(String consumer) {
    return LaneOwnership.key(group, consumer);
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
