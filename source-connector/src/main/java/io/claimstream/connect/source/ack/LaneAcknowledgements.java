/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Acknowledgements that are due for one lane: of its own entries and of those it took over. XACK
 * needs only stream, group and id, so any consumer can acknowledge any entry. Safe for use by
 * several threads.
 */
public final class LaneAcknowledgements {
  /**
   * Maximum ids per command: Redis rejects commands with a million arguments, and other clients
   * wait while it executes a long one.
   */
  private static final int MOST_AT_ONCE = 10_000;

  private final AckTracker own;
  private final StreamMetrics metrics;
  private final CopyOnWriteArrayList<AckTracker> takenOver = new CopyOnWriteArrayList<>();

  /** Creates the acknowledgements of a lane with its own tracker. */
  public LaneAcknowledgements(AckTracker own, StreamMetrics metrics) {
    this.own = own;
    this.metrics = metrics;
  }

  /** The tracker of the lane's own entries. */
  public AckTracker own() {
    return own;
  }

  /** Adds the tracker of another consumer whose entries this lane took over. */
  public void add(AckTracker tracker) {
    takenOver.addIfAbsent(tracker);
  }

  /** Whether this lane acknowledges the entries of a tracker. */
  public boolean isOf(AckTracker tracker) {
    return tracker == own || takenOver.contains(tracker);
  }

  /**
   * Number of entries of the lane that Kafka has not confirmed yet, including those it took over.
   */
  public int inFlight() {
    int sum = own.inFlight();
    for (AckTracker tracker : takenOver) {
      sum += tracker.inFlight();
    }
    return sum;
  }

  /**
   * Ends a transaction. Called only with exactly-once support: without it, Connect's offset follows
   * the records at any distance.
   */
  public void committed() {
    own.commits().committed();
    takenOver.forEach(tracker -> tracker.commits().committed());
  }

  /** Takes the commands that store what was committed, to be sent before the acknowledgements. */
  List<Command> takeCommits() {
    List<Command> commands = new ArrayList<>(1);
    own.commits().take().ifPresent(commands::add);
    takenOver.forEach(tracker -> tracker.commits().take().ifPresent(commands::add));
    return commands;
  }

  /** Takes ids to acknowledge now; the caller acknowledges them or puts them back. */
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

  /** Counts entries that Redis has acknowledged. */
  public void acknowledged(int count) {
    metrics.acknowledged().add(count);
  }

  /**
   * Puts back ids whose acknowledgement failed or was not confirmed. The commits are stored again,
   * too.
   */
  public void putBack(List<EntryId> ids) {
    own.commits().putBack();
    takenOver.forEach(tracker -> tracker.commits().putBack());
    own.putBack(ids);
  }
}
