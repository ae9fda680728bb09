/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.lane.Lane;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what consumers of other programs left pending for too long. Task thread only.
 *
 * <p>Entries are claimed in sweeps, each into the same consumer of ours and emitted under its
 * source partition; the next sweep begins only when the last one is acknowledged to its end. An
 * entry of a later sweep may have a lower id than those of an earlier one, so at the beginning of a
 * sweep Connect's offset is noted in Redis: as long as it has not changed, Kafka has nothing of the
 * sweep; then it tells how far the sweep is in Kafka.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xclaim/">XCLAIM</a>
 */
public final class ForeignClaims {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignClaims.class);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);
  private static final String NONE = "none";

  private final ConsumerGroup group;
  private final String connector;
  private final String consumer;
  private final String noteKey;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final Optional<Duration> idle;
  private final Counter claims;
  private final Clock clock;
  private Instant next = Instant.MIN;
  private @Nullable EntryId offset;
  private boolean resumed;

  /**
   * Looks after the foreign consumers of one stream.
   *
   * @param shared what the stream's lanes know of each other
   * @param committed Connect's offset of the partition of {@link #consumerOf}; null if none
   * @param idle how long an entry must have been pending; empty = none is ever taken
   * @param claims counts what is taken over
   */
  public ForeignClaims(
      ConsumerGroup group,
      String connector,
      SharedLanes shared,
      @Nullable EntryId committed,
      Optional<Duration> idle,
      Counter claims,
      Clock clock) {
    this.group = group;
    this.connector = connector;
    this.consumer = consumerOf(connector);
    this.noteKey = SlotKeys.sibling(group.stream(), "sweep", group.name() + ':' + consumer);
    this.ownership = new LaneOwnership(group, consumer, shared);
    this.offset = committed;
    this.tracker = new AckTracker(committed);
    this.idle = idle;
    this.claims = claims;
    this.clock = clock;
  }

  /** The consumer that entries are claimed into. */
  public static String consumerOf(String connector) {
    return connector + "-claimed";
  }

  /** Whether it is time to look. */
  boolean isDue() {
    return idle.isPresent() && !clock.instant().isBefore(next) && tracker.inFlight() == 0;
  }

  /** A sweep that is to be read. Ends what the connection watches. */
  List<PendingReader> due(
      RedisConnection connection, LaneAcknowledgements acknowledgements, LaneSettings settings) {
    Duration minimum = idle.orElseThrow();
    next = clock.instant().plus(interval(minimum));
    ownership.acquire(connection);
    boolean unfinished = !group.pending(connection, consumer, EntryId.ZERO, 1).isEmpty();
    if (!resumed) {
      if (unfinished && note().equals(Replies.text(connection.call(Command.of("GET", noteKey))))) {
        tracker.startOver(); // Kafka has nothing of this sweep
      }
      acknowledgements.add(tracker);
      resumed = true; // not before the note was read: Redis may have been out
    }
    return unfinished || claim(connection, minimum)
        ? List.of(new PendingReader(settings, consumer, tracker, true))
        : List.of();
  }

  private boolean claim(RedisConnection connection, Duration minimum) {
    boolean claimed = false;
    for (Map.Entry<String, Long> foreign : group.consumers(connection).entrySet()) {
      List<EntryId> ids =
          foreign.getValue() > 0 && isForeign(foreign.getKey())
              ? group.idle(connection, foreign.getKey(), minimum)
              : List.of();
      if (!ids.isEmpty()) {
        if (!claimed) {
          beginSweep(connection);
          claimed = true;
        }
        // what is not claimed was trimmed, or its consumer has come back to it
        int taken = Replies.list(connection.call(group.claim(consumer, minimum, ids))).size();
        claims.add(taken);
        LOG.warn(
            "{}: took over {} of {} entries that consumer '{}' left pending for {} ms or longer"
                + " (redis.claim.idle.ms)",
            group,
            taken,
            ids.size(),
            foreign.getKey(),
            minimum.toMillis());
      }
    }
    return claimed;
  }

  private static Duration interval(Duration minimum) {
    if (minimum.compareTo(SHORTEST_INTERVAL) < 0) {
      return SHORTEST_INTERVAL;
    }
    return minimum.compareTo(LONGEST_INTERVAL) < 0 ? minimum : LONGEST_INTERVAL;
  }

  private boolean isForeign(String name) {
    return !Lane.isConsumerOf(connector, name) && !name.equals(consumer);
  }

  private void beginSweep(RedisConnection connection) {
    EntryId last = tracker.lastEmitted();
    offset = last == null ? offset : last;
    connection.call(Command.of("SET", noteKey, note()));
    tracker.startOver();
  }

  private String note() {
    return offset == null ? NONE : offset.toString();
  }
}
