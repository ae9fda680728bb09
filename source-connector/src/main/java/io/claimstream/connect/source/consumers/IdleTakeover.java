/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.consumers;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.LaneAcknowledgements;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneOwnership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takeover of entries that other programs' consumers left pending for too long. Task thread only.
 *
 * <p>Entries are taken over in batches (XCLAIM), always by the same dedicated consumer, and emitted
 * under its source partition. A batch begins only when the previous one is acknowledged completely.
 * An entry of a later batch may have a lower id than those of an earlier batch, so batches are
 * numbered. The number is stored in Redis, atomically with the takeover, and in Connect's offset:
 * an offset with another number means that Kafka has no entry of this batch.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xclaim/">XCLAIM</a>
 */
final class IdleTakeover {
  private static final Logger LOG = LoggerFactory.getLogger(IdleTakeover.class);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);

  /** Maximum entries per batch: Redis serves no other client while it executes the takeover. */
  private static final int MOST_AT_ONCE = 1_000;

  private static final long UNKNOWN = 0;

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final KnownConsumers known;
  private final LaneAcknowledgements acknowledgements;
  private final String consumer;
  private final String batchKey;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final Optional<Duration> idle;
  private Instant next = Instant.MIN;
  private long highest;
  private boolean hasRead;

  /**
   * Creates the takeover for one lane; lanes other than the first take over nothing. Without {@code
   * redis.claim.idle.ms} only a batch that was taken over before is finished.
   */
  IdleTakeover(
      LaneContext lane,
      LaneAcknowledgements acknowledgements,
      ConsumersKey key,
      KnownConsumers known) {
    this.lane = lane;
    this.group = lane.group();
    this.acknowledgements = acknowledgements;
    this.known = known;
    this.consumer = Lane.takeoverConsumer(lane.connector());
    this.batchKey = SlotKeys.sibling(group.stream(), "takeover", group.name(), consumer);
    this.ownership = key.ownership(consumer, lane.connections().fences());
    this.tracker = AckTracker.resuming(lane.offsetAtStart(consumer));
    this.highest = tracker.epoch();
    this.idle = lane.settings().claimIdle();
  }

  /** Whether a check is due. */
  boolean isDue() {
    return lane.isFirst() && !lane.clock().instant().isBefore(next) && tracker.inFlight() == 0;
  }

  /** Returns a batch, or none. Ends the connection's watch. */
  Optional<Backlog> due(RedisConnection connection) {
    next = lane.clock().instant().plus(idle.map(IdleTakeover::interval).orElse(LONGEST_INTERVAL));
    if (idle.isEmpty() && !isUnfinished(connection)) {
      return Optional.empty();
    }
    ownership.acquire(connection);
    acknowledgements.add(tracker);
    long number = number(connection);
    highest = Math.max(highest, number);
    if (!(isUnfinished(connection) ? resume(connection, number) : takeOver(connection))) {
      return Optional.empty();
    }
    boolean firstPass = !hasRead;
    hasRead = true;
    return Optional.of(new Backlog(ownership, tracker, firstPass));
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

  /** Returns the number of the last batch. */
  private long number(RedisConnection connection) {
    String text = Replies.text(connection.call(Command.of("GET", batchKey)));
    StateVersion.check("key " + batchKey, text);
    try {
      return text == null ? UNKNOWN : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return UNKNOWN; // not written by this class
    }
  }

  /** Resumes a batch at Connect's offset, if the offset is of the same batch. */
  private boolean resume(RedisConnection connection, long number) {
    if (number == UNKNOWN) {
      // the key was deleted: which of these entries Kafka has is unknown
      return begin(connection, List.of()).isPresent();
    }
    if (number != tracker.epoch()) {
      tracker.beginEpoch(number);
      hasRead = false;
    }
    return true;
  }

  private boolean takeOver(RedisConnection connection) {
    if (idle.isEmpty()) {
      return false;
    }
    List<String> names = new ArrayList<>();
    List<Command> takeovers = new ArrayList<>();
    int wanted = 0;
    for (ConsumerInfo each : group.consumers(connection)) {
      if (each.pending() > 0 && wanted < MOST_AT_ONCE && !known.isOwn(connection, each.name())) {
        List<EntryId> ids = group.idle(connection, each.name(), idle.get(), MOST_AT_ONCE - wanted);
        if (!ids.isEmpty()) {
          names.add(each.name());
          takeovers.add(group.claim(consumer, idle.get(), ids));
          wanted += ids.size();
        }
      }
    }
    Optional<List<Integer>> taken =
        takeovers.isEmpty() ? Optional.empty() : begin(connection, takeovers);
    for (int i = 0; taken.isPresent() && i < names.size(); i++) {
      took(taken.get().get(i), names.get(i), idle.get());
    }
    return taken.isPresent();
  }

  /**
   * Logs a takeover. Fewer entries than requested are taken if some were trimmed or their consumer
   * has resumed them.
   */
  private void took(int count, String from, Duration minimum) {
    lane.metrics().takenOver().add(count);
    LOG.warn(
        "{}: took over {} entries that consumer '{}' had left pending for at least {} ms"
            + " (redis.claim.idle.ms)",
        group,
        count,
        from,
        minimum.toMillis());
  }

  /**
   * Begins a batch, atomically with its XCLAIM commands.
   *
   * @return number of entries that each command took over; empty, without any effect, if a newer
   *     task has become the owner or the state of the lanes has changed
   */
  private Optional<List<Integer>> begin(RedisConnection connection, List<Command> takeovers) {
    highest = Math.max(highest + 1, ownership.generation());
    List<Command> commands = new ArrayList<>();
    commands.add(Command.of("SET", batchKey, highest));
    commands.addAll(takeovers);
    Optional<List<@Nullable Object>> results = ownership.execute(connection, commands);
    if (results.isEmpty()) {
      next = Instant.MIN;
      return Optional.empty();
    }
    Replies.checked(results.get().get(0), commands.get(0));
    tracker.beginEpoch(highest);
    hasRead = false;
    List<Integer> taken = new ArrayList<>();
    for (int i = 1; i < commands.size(); i++) {
      taken.add(Replies.list(Replies.checked(results.get().get(i), commands.get(i))).size());
    }
    return Optional.of(taken);
  }
}
