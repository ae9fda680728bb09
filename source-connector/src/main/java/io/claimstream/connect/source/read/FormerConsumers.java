/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.lane.Fences;
import io.claimstream.connect.source.lane.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery of entries that this connector's former consumers left pending after it was scaled down.
 * The first lane of the stream emits them. Task thread only.
 *
 * <p>The entries are read as the consumer that owns them and emitted under its source partition,
 * whose offset in Connect shows at every restart which of them Kafka has.
 */
public final class FormerConsumers {
  private static final Logger LOG = LoggerFactory.getLogger(FormerConsumers.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final ConsumerGroup group;
  private final String connector;
  private final SharedLanes shared;
  private final KnownConsumers known;
  private final OtherConsumers others;
  private final Fences owned;
  private final boolean responsible;
  private final Function<String, AckTracker> trackers;
  private final InstantSource clock;
  private final Map<String, AckTracker> adopted = new HashMap<>();
  private final Map<String, LaneOwnership> fences = new HashMap<>();
  private Instant next = Instant.MIN;

  /**
   * Creates the recovery for one stream.
   *
   * @param first whether this lane is the first of the stream; other lanes recover nothing
   * @param shared the shared state of the stream's lanes
   * @param known distinguishes former consumers from other programs' consumers
   * @param others logs other programs' consumers
   * @param owned records the former consumers that this task owns
   * @param trackers creates a tracker that starts at a consumer's committed offset
   */
  public FormerConsumers(
      ConsumerGroup group,
      String connector,
      boolean first,
      SharedLanes shared,
      KnownConsumers known,
      OtherConsumers others,
      Fences owned,
      Function<String, AckTracker> trackers,
      InstantSource clock) {
    this.group = group;
    this.connector = connector;
    this.responsible = first;
    this.shared = shared;
    this.known = known;
    this.others = others;
    this.owned = owned;
    this.trackers = trackers;
    this.clock = clock;
  }

  /** Whether a check is due: at the start, and once a minute. */
  boolean isDue() {
    return responsible && !clock.instant().isBefore(next);
  }

  /** The trackers of the former consumers' entries. */
  Collection<AckTracker> trackers() {
    return adopted.values();
  }

  /** Returns readers of the former consumers' pending entries. Ends the connection's watch. */
  List<PendingReader> due(
      RedisConnection connection, LaneAcknowledgements acknowledgements, LaneSettings settings) {
    next = clock.instant().plus(INTERVAL);
    LanesState state = shared.read(connection);
    for (int index = shared.lanes(); index < state.lanes(); index++) {
      // fenced consumers read nothing more, so that their pending entries are recovered completely
      fence(connection, Lane.consumer(connector, index));
    }
    List<PendingReader> readers = new ArrayList<>();
    int lanes = shared.lanes();
    List<ConsumerInfo> consumers = group.consumers(connection);
    for (ConsumerInfo consumer : consumers) {
      String name = consumer.name();
      if (consumer.pending() > 0 && isFormerLane(connection, name)) {
        LaneOwnership fence = fence(connection, name);
        lanes = Math.max(lanes, 1 + known.index(name));
        boolean firstPass = !adopted.containsKey(name);
        AckTracker tracker = adopt(name, acknowledgements, state);
        readers.add(new PendingReader(settings, fence, tracker, firstPass));
      }
    }
    if (lanes != state.lanes()) {
      shared.replace(connection, state, state.withLanes(lanes));
    }
    others.check(connection, consumers);
    return readers;
  }

  private LaneOwnership fence(RedisConnection connection, String consumer) {
    LaneOwnership fence =
        fences.computeIfAbsent(consumer, name -> new LaneOwnership(group, name, shared, owned));
    fence.acquire(connection);
    return fence;
  }

  private AckTracker adopt(
      String consumer, LaneAcknowledgements acknowledgements, LanesState state) {
    return adopted.computeIfAbsent(
        consumer,
        name -> {
          LOG.info("{}: recovering entries that former consumer '{}' left pending", group, name);
          AckTracker started = trackers.apply(name);
          state.doubt().ifPresent(doubt -> doubt.applyTo(started));
          acknowledgements.add(started);
          return started;
        });
  }

  private boolean isFormerLane(RedisConnection connection, String consumer) {
    return known.isNamedLikeOwn(consumer)
        && known.index(consumer) >= shared.lanes()
        && known.isOwn(connection, consumer);
  }
}
