/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.lane.Lane;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what this connector's former lanes left pending after it was scaled down, so that the first
 * lane of the stream emits it. Task thread only.
 *
 * <p>The entries are read as the consumer that owns them and emitted under its source partition:
 * Connect's offset of that partition says which of them Kafka already has, at every restart.
 */
public final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final ConsumerGroup group;
  private final String connector;
  private final int lanes;
  private final boolean responsible;
  private final Function<String, AckTracker> trackers;
  private final Clock clock;
  private final Map<String, AckTracker> adopted = new HashMap<>();
  private Instant next = Instant.MIN;

  /**
   * Looks after the former lanes of one stream.
   *
   * @param lane the lane that looks; only the first of a stream does
   * @param lanes how many lanes the stream has now
   * @param trackers makes a tracker that starts at a consumer's committed offset
   */
  public Orphans(
      ConsumerGroup group,
      String connector,
      Lane lane,
      int lanes,
      Function<String, AckTracker> trackers,
      Clock clock) {
    this.group = group;
    this.connector = connector;
    this.lanes = lanes;
    this.responsible = lane.index() == 0;
    this.trackers = trackers;
    this.clock = clock;
  }

  /** What former lanes have pending, looked up at most once a minute. */
  List<PendingReader> due(
      RedisConnection connection, LaneAcknowledgements acknowledgements, LaneSettings settings) {
    if (!responsible || clock.instant().isBefore(next)) {
      return List.of();
    }
    next = clock.instant().plus(INTERVAL);
    List<PendingReader> readers = new ArrayList<>();
    group
        .consumers(connection)
        .forEach(
            (consumer, pending) -> {
              if (pending > 0 && isFormerLane(consumer)) {
                readers.add(reader(connection, consumer, acknowledgements, settings));
              }
            });
    return readers;
  }

  private PendingReader reader(
      RedisConnection connection,
      String consumer,
      LaneAcknowledgements acknowledgements,
      LaneSettings settings) {
    AckTracker tracker =
        adopted.computeIfAbsent(
            consumer,
            name -> {
              LOG.info("{}: taking over what former consumer '{}' left pending", group, name);
              // a task that still reads as this consumer is cut off
              new LaneOwnership(group, name).acquire(connection);
              AckTracker started = trackers.apply(name);
              acknowledgements.add(started);
              return started;
            });
    return new PendingReader(settings, consumer, tracker);
  }

  private boolean isFormerLane(String consumer) {
    return Lane.isConsumerOf(connector, consumer)
        && Integer.parseInt(consumer.substring(Lane.consumerPrefix(connector).length())) >= lanes;
  }
}
