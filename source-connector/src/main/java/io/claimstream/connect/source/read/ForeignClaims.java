/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.lane.Lane;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what consumers of other programs left pending for too long. Task thread only.
 *
 * <p>Entries are claimed in sweeps, each into the same consumer of ours and emitted under its
 * source partition; the next sweep begins only when the last one is acknowledged to its end. An
 * entry of a later sweep may have a lower id than those of an earlier one, so sweeps are numbered.
 * The number is kept in Redis, in one step with the claims, and in Connect's offset: an offset of
 * another sweep says that Kafka has nothing of this one.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xclaim/">XCLAIM</a>
 */
public final class ForeignClaims {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignClaims.class);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  private final ConsumerGroup group;
  private final String connector;
  private final String consumer;
  private final String sweepKey;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final Optional<Duration> idle;
  private final Counter claims;
  private final Clock clock;
  private Instant next = Instant.MIN;
  private long highest;
  private boolean known;

  /**
   * Looks after the foreign consumers of one stream.
   *
   * @param shared what the stream's lanes know of each other
   * @param tracker at Connect's offset of the partition of {@link #consumerOf}
   * @param idle how long an entry must have been pending; empty = none is ever taken
   * @param claims counts what is taken over
   */
  public ForeignClaims(
      ConsumerGroup group,
      String connector,
      SharedLanes shared,
      AckTracker tracker,
      Optional<Duration> idle,
      Counter claims,
      Clock clock) {
    this.group = group;
    this.connector = connector;
    this.consumer = consumerOf(connector);
    this.sweepKey = SlotKeys.sibling(group.stream(), "sweep", group.name() + ':' + consumer);
    this.ownership = new LaneOwnership(group, consumer, shared);
    this.tracker = tracker;
    this.highest = tracker.sweep();
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
    if (!known) {
      acknowledgements.add(tracker);
      known = true;
    }
    boolean unfinished = !group.pending(connection, consumer, EntryId.ZERO, 1).isEmpty();
    return (unfinished ? resume(connection) : claim(connection, minimum))
        ? List.of(new PendingReader(settings, consumer, ownership, tracker, true))
        : List.of();
  }

  private static Duration interval(Duration minimum) {
    if (minimum.compareTo(SHORTEST_INTERVAL) < 0) {
      return SHORTEST_INTERVAL;
    }
    return minimum.compareTo(LONGEST_INTERVAL) < 0 ? minimum : LONGEST_INTERVAL;
  }

  private boolean resume(RedisConnection connection) {
    String text = Replies.text(connection.call(Command.of("GET", sweepKey)));
    if (text == null) {
      // somebody has deleted it: what Kafka has of these entries is not known any more
      return begin(connection, List.of()).isPresent();
    }
    long number = Long.parseLong(text);
    highest = Math.max(highest, number);
    if (number != tracker.sweep()) {
      tracker.beginSweep(number);
    }
    return true;
  }

  private boolean claim(RedisConnection connection, Duration minimum) {
    List<String> names = new ArrayList<>();
    List<Command> commands = new ArrayList<>();
    group
        .consumers(connection)
        .forEach(
            (name, pending) -> {
              List<EntryId> ids =
                  pending > 0 && isForeign(name)
                      ? group.idle(connection, name, minimum)
                      : List.of();
              if (!ids.isEmpty()) {
                names.add(name);
                commands.add(group.claim(consumer, minimum, ids));
              }
            });
    if (names.isEmpty()) {
      return false;
    }
    Optional<List<Integer>> taken = begin(connection, commands);
    for (int i = 0; taken.isPresent() && i < names.size(); i++) {
      // what is not taken was trimmed, or its consumer has come back to it
      claims.add(taken.get().get(i));
      LOG.warn(
          "{}: took over {} entries that consumer '{}' left pending for {} ms or longer"
              + " (redis.claim.idle.ms)",
          group,
          taken.get().get(i),
          names.get(i),
          minimum.toMillis());
    }
    return taken.isPresent();
  }

  private boolean isForeign(String name) {
    return !Lane.isConsumerOf(connector, name) && !name.equals(consumer);
  }

  /** How many entries each claim took; empty if a newer task has become the owner meanwhile. */
  private Optional<List<Integer>> begin(RedisConnection connection, List<Command> claims) {
    highest = Math.max(highest + 1, ownership.generation());
    List<Command> commands = new ArrayList<>();
    commands.add(Command.of("SET", sweepKey, highest));
    commands.addAll(claims);
    Optional<List<@Nullable Object>> results = Transaction.execute(connection, commands);
    if (results.isEmpty()) {
      return Optional.empty();
    }
    Replies.checked(results.get().get(0), commands.get(0));
    tracker.beginSweep(highest);
    List<Integer> taken = new ArrayList<>();
    for (int i = 1; i < commands.size(); i++) {
      taken.add(Replies.list(Replies.checked(results.get().get(i), commands.get(i))).size());
    }
    return Optional.of(taken);
  }
}
