/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes once through what a consumer has pending, in order, and sorts it by what Kafka already has.
 *
 * <p>Only entries that are to be emitted are delivered again: looking at the others leaves their
 * delivery count alone. Every pending entry is looked up once, however they are sorted.
 */
final class PendingReader {
  private static final Logger LOG = LoggerFactory.getLogger(PendingReader.class);

  /** With exactly-once support Connect may tell of a dropped record only after another one. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private final ConsumerGroup group;
  private final String consumer;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final int maxDeliveries;
  private final boolean lettersInKafka;
  private final boolean delivers;
  private final InstantSource clock;
  private final Deque<PendingEntry> page = new ArrayDeque<>();

  /** Where the next page begins; null once there can be none. */
  private @Nullable EntryId cursor = EntryId.ZERO;

  private @Nullable Instant awaitsSince;
  private @Nullable EntryId firstKnown;
  private @Nullable EntryId lastKnown;
  private int known;

  /** What one step found. */
  private enum Found {
    ENTRIES,
    AWAITS_KAFKA,
    END
  }

  /**
   * What one step found.
   *
   * @param entries in order; a trimmed one has no body
   * @param settled entries that Kafka has something of, where they are to be looked at
   * @param deliveries 0 if the entries are to be emitted; else how often they were delivered, which
   *     is too often
   */
  record Step(List<StreamEntry> entries, List<StreamEntry> settled, int deliveries, Found found) {

    private static Step of(List<StreamEntry> entries, List<StreamEntry> settled) {
      return new Step(entries, settled, 0, Found.ENTRIES);
    }

    private static Step empty(Found found) {
      return new Step(List.of(), List.of(), 0, found);
    }

    /** Whether the next entry has to wait until Kafka has all that was emitted. */
    boolean awaitsKafka() {
      return found == Found.AWAITS_KAFKA;
    }

    /** Whether nothing is left to look at. */
    boolean isEnd() {
      return found == Found.END;
    }
  }

  /**
   * A reader at the consumer's first pending entry.
   *
   * @param settings of the lane that reads
   * @param ownership of the consumer whose entries are read, acquired
   * @param delivers whether reading an entry is a try of it. Not so when a task goes through them
   *     once more because its connection broke: that says nothing about the entries
   */
  PendingReader(
      LaneSettings settings, LaneOwnership ownership, AckTracker tracker, boolean delivers) {
    this.delivers = delivers;
    this.group = settings.group();
    this.consumer = ownership.consumer();
    this.ownership = ownership;
    this.tracker = tracker;
    this.maxDeliveries = settings.maxDeliveries();
    this.lettersInKafka = settings.lettersInKafka();
    this.clock = settings.clock();
  }

  AckTracker tracker() {
    return tracker;
  }

  String consumer() {
    return consumer;
  }

  /**
   * The next part of the pending entries.
   *
   * @param count how many are looked up at once
   * @param most how many are read at most
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer: the
   *     entries are then its own, and the tracker here does not know how far they are
   */
  Step next(RedisConnection connection, int count, int most) {
    if (page.isEmpty()) {
      List<PendingEntry> found =
          cursor == null ? List.of() : group.pending(connection, consumer, cursor, count);
      ownership.confirm(connection);
      page.addAll(found);
      if (page.isEmpty()) {
        report();
        return Step.empty(Found.END);
      }
      EntryId last = page.getLast().id();
      cursor = last.equals(EntryId.MAX) ? null : last.next();
    }
    List<EntryId> run = new ArrayList<>();
    List<EntryId> settled = new ArrayList<>();
    while (!page.isEmpty()) {
      PendingEntry entry = page.element();
      Verdict verdict = tracker.judge(entry.id());
      if (verdict == Verdict.EMIT && isSpecial(entry)) {
        return run.isEmpty() && settled.isEmpty()
            ? special(connection, entry)
            : step(connection, run, settled);
      }
      boolean isReadFull = Math.max(run.size(), lettersInKafka ? settled.size() : 0) >= most;
      if (isReadFull) {
        return step(connection, run, settled);
      }
      if (verdict == Verdict.EMIT) {
        run.add(entry.id());
      } else if (!run.isEmpty()) {
        // Redis delivers what is next, whatever was left out
        return step(connection, run, settled);
      } else if (verdict == Verdict.DONE) {
        settled.add(entry.id());
      }
      page.remove();
    }
    return step(connection, run, settled);
  }

  private Step step(RedisConnection connection, List<EntryId> run, List<EntryId> settled) {
    if (lettersInKafka && !settled.isEmpty()) {
      settled.forEach(this::count);
      return Step.of(read(connection, run), group.entries(connection, settled));
    }
    for (EntryId id : settled) {
      if (tracker.done(id)) {
        count(id);
      }
    }
    return Step.of(read(connection, run), List.of());
  }

  private void count(EntryId id) {
    firstKnown = firstKnown == null ? id : firstKnown;
    lastKnown = id;
    known++;
  }

  /** What was pending and in Kafka: ordinary at a start, else Redis forgot acknowledgements. */
  private void report() {
    if (known > 0 && delivers) {
      LOG.info(
          "{}: {} entries that consumer '{}' had pending, from {} to {}, are in Kafka and are only"
              + " acknowledged",
          group,
          known,
          consumer,
          firstKnown,
          lastKnown);
    } else if (known > 0) {
      LOG.warn(
          "{}: {} entries that consumer '{}' had acknowledged, from {} to {}, are pending again:"
              + " Redis forgot that. They are in Kafka and are only acknowledged once more.",
          group,
          known,
          consumer,
          firstKnown,
          lastKnown);
    }
  }

  private boolean isSpecial(PendingEntry entry) {
    return delivers && maxDeliveries > 0 && entry.deliveries() >= maxDeliveries - 1;
  }

  private Step special(RedisConnection connection, PendingEntry entry) {
    if (entry.deliveries() >= maxDeliveries) {
      page.remove();
      List<EntryId> alone = List.of(entry.id());
      // one more delivery tells, at the next start, that the dead letter failed as well
      List<StreamEntry> body =
          lettersInKafka ? read(connection, alone) : group.entries(connection, alone);
      return new Step(body, List.of(), Math.toIntExact(entry.deliveries()), Found.ENTRIES);
    }
    if (tracker.inFlight() > 0 && !hasWaited()) {
      // what was emitted before must not be drawn into this entry's last try
      return Step.empty(Found.AWAITS_KAFKA);
    }
    awaitsSince = null;
    page.remove();
    return Step.of(read(connection, List.of(entry.id())), List.of());
  }

  private boolean hasWaited() {
    if (awaitsSince == null) {
      awaitsSince = clock.instant();
    }
    return !clock.instant().isBefore(awaitsSince.plus(LONGEST_WAIT));
  }

  /** Delivers these entries again, unless somebody has taken them meanwhile. */
  private List<StreamEntry> read(RedisConnection connection, List<EntryId> run) {
    if (run.isEmpty()) {
      return List.of();
    }
    if (!delivers) {
      return group.entries(connection, run);
    }
    Set<EntryId> judged = Set.copyOf(run);
    return group.readPending(connection, consumer, run.size(), run.get(0).previous()).stream()
        .filter(entry -> judged.contains(entry.id()))
        .toList();
  }
}
