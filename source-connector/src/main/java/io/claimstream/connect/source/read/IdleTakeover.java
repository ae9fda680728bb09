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
import io.claimstream.connect.source.lane.Fences;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what consumers of other programs left pending for too long. Task thread only.
 *
 * <p>Entries are claimed in batches, each into the same consumer of ours and emitted under its
 * source partition; the next batch begins only when the last one is acknowledged to its end. An
 * entry of a later batch may have a lower id than those of an earlier one, so batches are numbered.
 * The number is kept in Redis, in one step with the claims, and in Connect's offset: an offset of
 * another batch says that Kafka has nothing of this one.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xclaim/">XCLAIM</a>
 */
public final class IdleTakeover {
  private static final Logger LOG = LoggerFactory.getLogger(IdleTakeover.class);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  /** Redis does nothing else while it executes a batch's claims. */
  private static final int MOST_CLAIMED = 1_000;

  private static final long UNKNOWN = 0;

  private final ConsumerGroup group;
  private final KnownConsumers known;
  private final String consumer;
  private final String batchKey;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final boolean responsible;
  private final Optional<Duration> idle;
  private final Counter claimed;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long highest;
  private boolean isAcknowledging;
  private boolean hasLooked;

  /**
   * Looks after the foreign consumers of one stream.
   *
   * @param shared what the stream's lanes know of each other
   * @param known tells this connector's consumers from foreign ones
   * @param fences are told when this task is the owner of {@link #consumerOf}
   * @param tracker at Connect's offset of the partition of {@link #consumerOf}
   * @param first whether the lane that looks is the first of the stream; others do not
   * @param idle how long an entry must have been pending; empty = nothing more is taken, but what
   *     was taken before is emitted
   * @param claimed counts what is taken over
   */
  public IdleTakeover(
      ConsumerGroup group,
      String connector,
      SharedLanes shared,
      KnownConsumers known,
      Fences fences,
      AckTracker tracker,
      boolean first,
      Optional<Duration> idle,
      Counter claimed,
      InstantSource clock) {
    this.group = group;
    this.known = known;
    this.consumer = consumerOf(connector);
    this.batchKey = SlotKeys.sibling(group.stream(), "takeover", group.name(), consumer);
    this.ownership = new LaneOwnership(group, consumer, shared, fences);
    this.tracker = tracker;
    this.highest = tracker.epoch();
    this.responsible = first;
    this.idle = idle;
    this.claimed = claimed;
    this.clock = clock;
  }

  /** The consumer that entries are claimed into. */
  public static String consumerOf(String connector) {
    return connector + "-takeover";
  }

  /** Whether it is time to look. */
  boolean isDue() {
    return responsible && !clock.instant().isBefore(next) && tracker.inFlight() == 0;
  }

  /** A batch that is to be read. Ends what the connection watches. */
  List<PendingReader> due(
      RedisConnection connection, LaneAcknowledgements acknowledgements, LaneSettings settings) {
    next = clock.instant().plus(idle.map(IdleTakeover::interval).orElse(LONGEST_INTERVAL));
    if (idle.isEmpty() && !isUnfinished(connection)) {
      return List.of();
    }
    ownership.acquire(connection);
    if (!isAcknowledging) {
      acknowledgements.add(tracker);
      isAcknowledging = true;
    }
    long number = number(connection);
    highest = Math.max(highest, number);
    if (!(isUnfinished(connection) ? resume(connection, number) : claim(connection))) {
      return List.of();
    }
    boolean firstLook = !hasLooked;
    hasLooked = true;
    return List.of(new PendingReader(settings, ownership, tracker, firstLook));
  }

  private static Duration interval(Duration minimum) {
    if (minimum.compareTo(SHORTEST_INTERVAL) < 0) {
      return SHORTEST_INTERVAL;
    }
    return minimum.compareTo(LONGEST_INTERVAL) < 0 ? minimum : LONGEST_INTERVAL;
  }

  private boolean isUnfinished(RedisConnection connection) {
    return !group.pending(connection, consumer, EntryId.ZERO, 1).isEmpty();
  }

  /** Of the batch that may be pending. */
  private long number(RedisConnection connection) {
    String text = Replies.text(connection.call(Command.of("GET", batchKey)));
    try {
      return text == null ? UNKNOWN : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return UNKNOWN; // not of this class
    }
  }

  /** Goes on where Connect's offset is, if that is of the same batch. */
  private boolean resume(RedisConnection connection, long number) {
    if (number == UNKNOWN) {
      // somebody has deleted it: what Kafka has of these entries is not known any more
      return begin(connection, List.of()).isPresent();
    }
    if (number != tracker.epoch()) {
      tracker.beginEpoch(number);
      hasLooked = false;
    }
    return true;
  }

  private boolean claim(RedisConnection connection) {
    if (idle.isEmpty()) {
      return false;
    }
    List<String> names = new ArrayList<>();
    List<Command> claims = new ArrayList<>();
    int wanted = 0;
    for (ConsumerInfo each : group.consumers(connection)) {
      if (each.pending() > 0 && wanted < MOST_CLAIMED && !known.isOwn(connection, each.name())) {
        List<EntryId> ids = group.idle(connection, each.name(), idle.get(), MOST_CLAIMED - wanted);
        if (!ids.isEmpty()) {
          names.add(each.name());
          claims.add(group.claim(consumer, idle.get(), ids));
          wanted += ids.size();
        }
      }
    }
    Optional<List<Integer>> taken = claims.isEmpty() ? Optional.empty() : begin(connection, claims);
    for (int i = 0; taken.isPresent() && i < names.size(); i++) {
      took(taken.get().get(i), names.get(i), idle.get());
    }
    return taken.isPresent();
  }

  /** What is not taken of what was wanted was trimmed, or its consumer has come back to it. */
  private void took(int count, String from, Duration minimum) {
    claimed.add(count);
    LOG.warn(
        "{}: took over {} entries that consumer '{}' left pending for {} ms or longer"
            + " (redis.claim.idle.ms)",
        group,
        count,
        from,
        minimum.toMillis());
  }

  /**
   * Begins a batch in one step with its claims.
   *
   * @return how many entries each claim took; empty if nothing was done, because a newer task has
   *     become the owner or the state of the lanes has changed
   */
  private Optional<List<Integer>> begin(RedisConnection connection, List<Command> claims) {
    highest = Math.max(highest + 1, ownership.generation());
    List<Command> commands = new ArrayList<>();
    commands.add(Command.of("SET", batchKey, highest));
    commands.addAll(claims);
    Optional<List<@Nullable Object>> results = ownership.execute(connection, commands);
    if (results.isEmpty()) {
      next = Instant.MIN;
      return Optional.empty();
    }
    Replies.checked(results.get().get(0), commands.get(0));
    tracker.beginEpoch(highest);
    hasLooked = false;
    List<Integer> taken = new ArrayList<>();
    for (int i = 1; i < commands.size(); i++) {
      taken.add(Replies.list(Replies.checked(results.get().get(i), commands.get(i))).size());
    }
    return Optional.of(taken);
  }
}
