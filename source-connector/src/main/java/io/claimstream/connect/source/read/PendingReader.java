/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes once through what a consumer has pending, in order, and sorts it by what Kafka already has.
 *
 * <p>Only entries that are to be emitted are delivered again: looking at the others leaves their
 * delivery count alone.
 */
final class PendingReader {
  private final ConsumerGroup group;
  private final String consumer;
  private final AckTracker tracker;
  private final int maxDeliveries;
  private final boolean looksAtSettled;
  private EntryId cursor = EntryId.ZERO;

  /**
   * What one step found.
   *
   * @param entries in order; a trimmed one has no body
   * @param settled entries that Kafka has something of, where they are to be looked at
   * @param deliveries 0 if the entries are to be emitted; else how often they were delivered, which
   *     is too often
   * @param finished nothing is left to look at
   */
  record Step(
      List<StreamEntry> entries, List<StreamEntry> settled, int deliveries, boolean finished) {
    static final Step NOTHING_YET = new Step(List.of(), List.of(), 0, false);
    static final Step FINISHED = new Step(List.of(), List.of(), 0, true);
  }

  /**
   * A reader at the consumer's first pending entry.
   *
   * @param settings of the lane that reads
   * @param consumer whose entries are read
   */
  PendingReader(LaneSettings settings, String consumer, AckTracker tracker) {
    this.group = settings.group();
    this.consumer = consumer;
    this.tracker = tracker;
    this.maxDeliveries = settings.maxDeliveries();
    this.looksAtSettled = settings.looksAtSettled();
  }

  AckTracker tracker() {
    return tracker;
  }

  String consumer() {
    return consumer;
  }

  /** The next part, of at most {@code count} pending entries. */
  Step next(RedisConnection connection, int count) {
    List<PendingEntry> pending = group.pending(connection, consumer, cursor, count);
    if (pending.isEmpty()) {
      return Step.FINISHED;
    }
    List<PendingEntry> run = new ArrayList<>();
    List<EntryId> settled = new ArrayList<>();
    for (PendingEntry entry : pending) {
      AckTracker.Verdict verdict = tracker.judge(entry.id());
      boolean emit = verdict == AckTracker.Verdict.EMIT;
      if (emit && isSpecial(entry)) {
        if (run.isEmpty() && settled.isEmpty()) {
          return isPoison(entry) ? poison(connection, entry) : alone(connection, entry);
        }
        break;
      }
      if (emit) {
        run.add(entry);
      } else if (verdict == AckTracker.Verdict.DONE) {
        settled.add(entry.id());
      }
      cursor = entry.id().next();
    }
    return new Step(read(connection, run), settle(connection, settled), 0, false);
  }

  private List<StreamEntry> settle(RedisConnection connection, List<EntryId> settled) {
    if (looksAtSettled && !settled.isEmpty()) {
      return group.entries(connection, settled);
    }
    settled.forEach(tracker::done);
    return List.of();
  }

  private boolean isSpecial(PendingEntry entry) {
    return maxDeliveries > 0 && entry.deliveries() >= Math.max(1, maxDeliveries - 1);
  }

  private boolean isPoison(PendingEntry entry) {
    return entry.deliveries() >= maxDeliveries;
  }

  private Step poison(RedisConnection connection, PendingEntry entry) {
    cursor = entry.id().next();
    // counts as one more delivery: it tells, if this fails as well
    return new Step(
        read(connection, List.of(entry)), List.of(), Math.toIntExact(entry.deliveries()), false);
  }

  private Step alone(RedisConnection connection, PendingEntry entry) {
    if (tracker.inFlight() > 0) {
      // what was emitted before must not be drawn into this entry's last try
      return Step.NOTHING_YET;
    }
    cursor = entry.id().next();
    return new Step(read(connection, List.of(entry)), List.of(), 0, false);
  }

  private List<StreamEntry> read(RedisConnection connection, List<PendingEntry> run) {
    if (run.isEmpty()) {
      return List.of();
    }
    return group.readPending(connection, consumer, run.size(), run.get(0).id().previous());
  }
}
