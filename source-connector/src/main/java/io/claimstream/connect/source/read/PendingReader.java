/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.PendingEntry;
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
 * Reader of one pass over a consumer's pending entries, in order, which separates those that Kafka
 * has from the others.
 *
 * <p>Only entries that must be emitted are delivered again; checking the others does not change
 * their delivery count. Every pending entry is looked up once.
 */
final class PendingReader {
  private static final Logger LOG = LoggerFactory.getLogger(PendingReader.class);

  /**
   * Limit needed because, with exactly-once support, Connect may report a dropped record only after
   * another record.
   */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private final ConsumerGroup group;
  private final String consumer;
  private final LaneOwnership ownership;
  private final AckTracker tracker;
  private final int maxDeliveries;
  private final boolean hasDeadLetterTopic;
  private final boolean delivers;
  private final InstantSource clock;
  private final Deque<PendingEntry> page = new ArrayDeque<>();

  /** First id of the next page; null if there can be no further page. */
  private @Nullable EntryId cursor = EntryId.ZERO;

  private @Nullable Instant awaitsSince;
  private @Nullable EntryId firstKnown;
  private @Nullable EntryId lastKnown;
  private int known;

  /** Outcome of a step. */
  private enum Found {
    ENTRIES,
    AWAITS_KAFKA,
    END
  }

  /**
   * Entries that one step returned.
   *
   * @param entries entries in order; a trimmed entry has no fields
   * @param settled entries that Connect's offset covers, if they must be checked
   * @param deliveries 0 if the entries must be emitted; otherwise their delivery count, which
   *     exceeds the limit
   */
  record Step(List<StreamEntry> entries, List<StreamEntry> settled, int deliveries, Found found) {

    private static Step of(List<StreamEntry> entries, List<StreamEntry> settled) {
      return new Step(entries, settled, 0, Found.ENTRIES);
    }

    private static Step empty(Found found) {
      return new Step(List.of(), List.of(), 0, found);
    }

    /** Whether the next entry must wait until Kafka has all emitted records. */
    boolean awaitsKafka() {
      return found == Found.AWAITS_KAFKA;
    }

    /** Whether no pending entries are left. */
    boolean isEnd() {
      return found == Found.END;
    }
  }

  /**
   * Creates a reader at the consumer's first pending entry.
   *
   * @param settings settings of the lane that reads
   * @param ownership acquired ownership of the consumer whose entries are read
   * @param delivers whether reading an entry counts as an attempt. False if a task reads the
   *     entries again because its connection broke, which is not caused by the entries
   */
  PendingReader(
      LaneSettings settings, LaneOwnership ownership, AckTracker tracker, boolean delivers) {
    this.delivers = delivers;
    this.group = settings.group();
    this.consumer = ownership.consumer();
    this.ownership = ownership;
    this.tracker = tracker;
    this.maxDeliveries = settings.maxDeliveries();
    this.hasDeadLetterTopic = settings.hasDeadLetterTopic();
    this.clock = settings.clock();
  }

  AckTracker tracker() {
    return tracker;
  }

  String consumer() {
    return consumer;
  }

  /**
   * Returns the next pending entries.
   *
   * @param count number of entries to look up at once
   * @param most maximum number of entries to read
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer and
   *     therefore its entries, whose state the tracker does not know
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
      boolean isReadFull = Math.max(run.size(), hasDeadLetterTopic ? settled.size() : 0) >= most;
      if (isReadFull) {
        return step(connection, run, settled);
      }
      if (verdict == Verdict.EMIT) {
        run.add(entry.id());
      } else if (!run.isEmpty()) {
        // Redis delivers consecutive entries, including those to be skipped
        return step(connection, run, settled);
      } else if (verdict == Verdict.DONE) {
        settled.add(entry.id());
      }
      page.remove();
    }
    return step(connection, run, settled);
  }

  private Step step(RedisConnection connection, List<EntryId> run, List<EntryId> settled) {
    if (hasDeadLetterTopic && !settled.isEmpty()) {
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

  /**
   * Logs pending entries that Kafka has: normal at a start, otherwise Redis lost acknowledgements.
   */
  private void report() {
    if (known > 0 && delivers) {
      LOG.info(
          "{}: {} pending entries of consumer '{}', from {} to {}, are in Kafka and are only"
              + " acknowledged",
          group,
          known,
          consumer,
          firstKnown,
          lastKnown);
    } else if (known > 0) {
      LOG.warn(
          "{}: {} entries that consumer '{}' had acknowledged, from {} to {}, are pending again:"
              + " Redis lost the acknowledgements. They are in Kafka and are only acknowledged"
              + " again.",
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
      // the extra delivery shows at the next start that the dead letter failed as well
      List<StreamEntry> body =
          hasDeadLetterTopic ? read(connection, alone) : group.entries(connection, alone);
      return new Step(body, List.of(), Math.toIntExact(entry.deliveries()), Found.ENTRIES);
    }
    if (tracker.inFlight() > 0 && !hasWaited()) {
      // entries emitted before must not be affected by this entry's last attempt
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

  /** Delivers these entries again, except those that another consumer has taken in the meantime. */
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
