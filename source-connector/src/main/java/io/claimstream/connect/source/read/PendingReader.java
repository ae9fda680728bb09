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
  private EntryId cursor = EntryId.ZERO;

  /**
   * What one step found; a step finds either entries or poison.
   *
   * @param entries to emit, in order; a trimmed one has no body
   * @param poison given up after too many deliveries; a trimmed one has no body
   * @param alone the entry is on its last delivery: nothing else may share its fate
   * @param finished nothing is left to look at
   */
  record Step(
      List<StreamEntry> entries, List<StreamEntry> poison, boolean alone, boolean finished) {}

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
    List<PendingEntry> pending = group.pending(connection, consumer, cursor, count);
    if (pending.isEmpty()) {
      return new Step(List.of(), List.of(), false, true);
    }
    List<PendingEntry> run = new ArrayList<>();
    for (PendingEntry entry : pending) {
      boolean emit = tracker.judge(entry.id()) == AckTracker.Verdict.EMIT;
      if (emit && isSpecial(entry)) {
        if (run.isEmpty()) {
          return isPoison(entry) ? poison(connection, entry) : alone(connection, entry);
        }
        break;
      }
      if (emit) {
        run.add(entry);
      } else if (tracker.judge(entry.id()) == AckTracker.Verdict.DONE) {
        tracker.done(entry.id());
      }
      cursor = entry.id().next();
    }
    return new Step(read(connection, run), List.of(), false, false);
  }

  private boolean isSpecial(PendingEntry entry) {
    return maxDeliveries > 0 && entry.deliveries() >= Math.max(1, maxDeliveries - 1);
  }

  private boolean isPoison(PendingEntry entry) {
    return entry.deliveries() >= maxDeliveries;
  }

  private Step poison(RedisConnection connection, PendingEntry entry) {
    cursor = entry.id().next();
    StreamEntry body = group.entry(connection, entry.id()).orElse(StreamEntry.trimmed(entry.id()));
    return new Step(List.of(), List.of(body), false, false);
  }

  private Step alone(RedisConnection connection, PendingEntry entry) {
    if (tracker.inFlight() > 0) {
      // what was emitted before must not be drawn into this entry's last try
      return new Step(List.of(), List.of(), true, false);
    }
    cursor = entry.id().next();
    return new Step(read(connection, List.of(entry)), List.of(), true, false);
  }

  private List<StreamEntry> read(RedisConnection connection, List<PendingEntry> run) {
    if (run.isEmpty()) {
      return List.of();
    }
    return group.readPending(connection, consumer, run.size(), run.get(0).id().previous());
  }
}
