/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.CommitKey;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery of entries that this connector's former consumers left pending after it was scaled down.
 * The first lane of the stream emits them. Task thread only.
 *
 * <p>The entries are read as the consumer that owns them and emitted under its source partition,
 * whose offset in Connect shows at every restart which of them Kafka has.
 */
final class FormerConsumers {
  private static final Logger LOG = LoggerFactory.getLogger(FormerConsumers.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final LaneAcknowledgements acknowledgements;
  private final ConsumersKey key;
  private final KnownConsumers known;
  private final OtherConsumers others;
  private final Map<String, AckTracker> adopted = new HashMap<>();
  private final Map<String, LaneOwnership> fences = new HashMap<>();
  private final CommitCheck commits;
  private final Set<String> checked = new HashSet<>();
  private Instant next = Instant.MIN;

  /** Creates the recovery for one lane; lanes other than the first recover nothing. */
  FormerConsumers(
      LaneContext lane,
      LaneAcknowledgements acknowledgements,
      ConsumersKey key,
      KnownConsumers known) {
    this.lane = lane;
    this.group = lane.group();
    this.acknowledgements = acknowledgements;
    this.key = key;
    this.known = known;
    this.commits = new CommitCheck(group);
    this.others = new OtherConsumers(group, known, lane.settings().claimIdle().isPresent());
  }

  /** Whether a check is due: at the start, and once a minute. */
  boolean isDue() {
    return lane.isFirst() && !lane.clock().instant().isBefore(next);
  }

  /** The trackers of the former consumers' entries. */
  Collection<AckTracker> trackers() {
    return adopted.values();
  }

  /** Returns the former consumers' pending entries. Ends the connection's watch. */
  List<Backlog> due(RedisConnection connection) {
    next = lane.clock().instant().plus(INTERVAL);
    ConsumersState state = key.read(connection);
    for (int index = key.lanes(); index < state.lanes(); index++) {
      // fenced consumers read nothing more, so that their pending entries are recovered completely
      fence(connection, Lane.consumer(lane.connector(), index));
    }
    List<Backlog> due = new ArrayList<>();
    int lanes = key.lanes();
    List<ConsumerInfo> consumers = restoredLostByKafka(connection);
    for (ConsumerInfo consumer : consumers) {
      String name = consumer.name();
      if (consumer.pending() > 0 && isFormerLane(connection, name)) {
        LaneOwnership fence = fence(connection, name);
        lanes = Math.max(lanes, 1 + known.index(name));
        boolean firstPass = !adopted.containsKey(name);
        AckTracker tracker = adopt(name, state);
        due.add(new Backlog(fence, tracker, firstPass));
      }
    }
    if (lanes != state.lanes()) {
      key.replace(connection, state, state.withLanes(lanes));
    }
    others.check(connection, consumers);
    return due;
  }

  /**
   * Returns the group's consumers, after entries that Kafka has lost have become pending again.
   * Checks each once: Kafka confirmed them to a former task.
   */
  private List<ConsumerInfo> restoredLostByKafka(RedisConnection connection) {
    List<ConsumerInfo> consumers = group.consumers(connection);
    boolean restored = false;
    for (ConsumerInfo consumer : consumers) {
      String name = consumer.name();
      if (isFormerLane(connection, name) && checked.add(name)) {
        LaneOwnership fence = fence(connection, name);
        restored |= commits.restore(connection, fence, () -> lane.offset(name).orElse(null), null);
      }
    }
    return restored ? group.consumers(connection) : consumers;
  }

  private LaneOwnership fence(RedisConnection connection, String consumer) {
    LaneOwnership fence =
        fences.computeIfAbsent(consumer, name -> key.ownership(name, lane.connections().fences()));
    fence.acquire(connection);
    return fence;
  }

  private AckTracker adopt(String consumer, ConsumersState state) {
    return adopted.computeIfAbsent(
        consumer,
        name -> {
          LOG.info("{}: recovering entries that former consumer '{}' left pending", group, name);
          AckTracker started =
              AckTracker.resuming(lane.offset(name).orElse(null), CommitKey.of(group, name));
          state.doubt().ifPresent(doubt -> doubt.applyTo(started));
          acknowledgements.add(started);
          return started;
        });
  }

  private boolean isFormerLane(RedisConnection connection, String consumer) {
    return known.isNamedLikeOwn(consumer)
        && known.index(consumer) >= key.lanes()
        && known.isOwn(connection, consumer);
  }
}
