/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Goes once through what a consumer has pending, in order, and sorts it by what Kafka already has.
 *
 * <p>Only entries that are to be emitted are delivered again: looking at the others leaves their
 * delivery count alone. Every pending entry is looked up once, however they are sorted.
 */
final class PendingReader {
  private final ConsumerGroup group;
  private final String consumer;
  private final AckTracker tracker;
  private final int maxDeliveries;
  private final Deque<PendingEntry> page = new ArrayDeque<>();
  private EntryId cursor = EntryId.ZERO;

  /** What one step found. */
  private enum Found {
    ENTRIES,
    POISON,
    AWAITS_KAFKA,
    END
  }

  /**
   * What one step found.
   *
   * @param entries to emit or, if they are poison, to give up, in order; a trimmed one has no body
   */
  record Step(List<StreamEntry> entries, Found found) {

    /** Whether the entries were delivered too often. */
    boolean isPoison() {
      return found == Found.POISON;
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
   * @param maxDeliveries 0 = an entry is never given up
   */
  PendingReader(ConsumerGroup group, String consumer, AckTracker tracker, int maxDeliveries) {
    this.group = group;
    this.consumer = consumer;
    this.tracker = tracker;
    this.maxDeliveries = maxDeliveries;
  }

  AckTracker tracker() {
    return tracker;
  }

  String consumer() {
    return consumer;
  }

  /** The next part, of at most {@code count} pending entries. */
  Step next(RedisConnection connection, int count) {
    if (page.isEmpty()) {
      page.addAll(group.pending(connection, consumer, cursor, count));
      if (page.isEmpty()) {
        return new Step(List.of(), Found.END);
      }
      cursor = page.getLast().id().next();
    }
    List<EntryId> run = new ArrayList<>();
    while (!page.isEmpty()) {
      PendingEntry entry = page.element();
      Verdict verdict = tracker.judge(entry.id());
      if (verdict == Verdict.EMIT && isSpecial(entry)) {
        return run.isEmpty() ? special(connection, entry) : read(connection, run);
      }
      if (verdict == Verdict.EMIT) {
        run.add(entry.id());
      } else if (!run.isEmpty()) {
        return read(connection, run); // Redis delivers what is next, whatever was left out
      } else if (verdict == Verdict.DONE) {
        tracker.done(entry.id());
      }
      page.remove();
    }
    return read(connection, run);
  }

  private boolean isSpecial(PendingEntry entry) {
    return maxDeliveries > 0 && entry.deliveries() >= Math.max(1, maxDeliveries - 1);
  }

  private Step special(RedisConnection connection, PendingEntry entry) {
    if (entry.deliveries() >= maxDeliveries) {
      page.remove();
      EntryId id = entry.id();
      StreamEntry body = group.entry(connection, id).orElse(StreamEntry.trimmed(id));
      return new Step(List.of(body), Found.POISON);
    }
    if (tracker.inFlight() > 0) {
      // what was emitted before must not be drawn into this entry's last try
      return new Step(List.of(), Found.AWAITS_KAFKA);
    }
    page.remove();
    return read(connection, List.of(entry.id()));
  }

  /** Delivers these entries again, unless somebody has taken them meanwhile. */
  private Step read(RedisConnection connection, List<EntryId> run) {
    if (run.isEmpty()) {
      return new Step(List.of(), Found.ENTRIES);
    }
    EntryId last = run.get(run.size() - 1);
    List<StreamEntry> entries =
        group.readPending(connection, consumer, run.size(), run.get(0).previous()).stream()
            .filter(entry -> !entry.id().isAfter(last))
            .toList();
    return new Step(entries, Found.ENTRIES);
  }
}
