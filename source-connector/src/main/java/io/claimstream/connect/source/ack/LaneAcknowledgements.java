/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What is to be acknowledged for one lane: its own entries and those it took over. Redis needs only
 * stream, group and id for it, whoever read the entry. Safe for use by several threads.
 */
public final class LaneAcknowledgements {
  /**
   * Redis refuses commands of a million arguments, and others wait while it works off a long one.
   */
  private static final int MOST_AT_ONCE = 10_000;

  private final AckTracker own;
  private final StreamMetrics metrics;
  private final List<AckTracker> takenOver = new CopyOnWriteArrayList<>();

  /** The acknowledgements of a lane with that tracker of its own. */
  public LaneAcknowledgements(AckTracker own, StreamMetrics metrics) {
    this.own = own;
    this.metrics = metrics;
  }

  /** Also acknowledges what another consumer left behind. */
  public void add(AckTracker tracker) {
    takenOver.add(tracker);
  }

  /** Whether a tracker is one of those whose entries this lane acknowledges. */
  public boolean isOf(AckTracker tracker) {
    return tracker == own || takenOver.contains(tracker);
  }

  /** How many entries of the lane Kafka has not confirmed yet, taken-over ones included. */
  public int inFlight() {
    int sum = own.inFlight();
    for (AckTracker tracker : takenOver) {
      sum += tracker.inFlight();
    }
    return sum;
  }

  /** Hands out ids to acknowledge now; the caller acknowledges them or puts them back. */
  public List<EntryId> take() {
    Duration waited = own.waiting();
    List<EntryId> taken = own.take(MOST_AT_ONCE);
    if (!taken.isEmpty()) {
      metrics.ackLatency().record(waited.toNanos() / 1e6);
    }
    if (takenOver.isEmpty() || taken.size() == MOST_AT_ONCE) {
      return taken;
    }
    List<EntryId> all = new ArrayList<>(taken);
    takenOver.forEach(tracker -> all.addAll(tracker.take(MOST_AT_ONCE - all.size())));
    return all;
  }

  /** Notes that Redis has acknowledged that many. */
  public void acknowledged(int count) {
    metrics.acknowledged().add(count);
  }

  /** Takes back ids whose acknowledgement is not known to have worked. */
  public void putBack(List<EntryId> ids) {
    own.putBack(ids);
  }
}
