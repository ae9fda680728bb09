/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Acknowledges the entries of all lanes of a task together, outside of reads: sends all commands
 * before waiting for a reply, with one deadline for all lanes. Connect's commit and a stop wait for
 * it, and a Connect worker commits for all its tasks on one thread, so an unresponsive server must
 * not delay it once per stream. Safe for use by several threads.
 */
public final class Acknowledgers {
  /** Maximum wait per call, for any number of lanes. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<Acknowledger> lanes;
  private final InstantSource clock;
  private boolean closed;

  /**
   * Creates the acknowledgers of a task's lanes.
   *
   * @param clock steady time
   */
  public Acknowledgers(Collection<Acknowledger> lanes, InstantSource clock) {
    this.lanes = new ArrayList<>(lanes);
    this.clock = clock;
  }

  /**
   * Acknowledges all entries that are ready, and samples the metrics of streams and trims streams
   * that no read has sampled or trimmed lately, because a paused task does not read. Never throws
   * because of Redis. Does nothing after {@link #close}.
   */
  public synchronized void acknowledge() {
    if (!closed) {
      acknowledge(List.copyOf(lanes), true);
    }
  }

  private void acknowledge(List<Acknowledger> of, boolean sampling) {
    Instant end = clock.instant().plus(PATIENCE);
    List<Acknowledger> left = of;
    while (!left.isEmpty()) {
      List<Acknowledger> asked = ask(left, sampling, end);
      left = new ArrayList<>();
      for (Acknowledger lane : asked) {
        if (lane.receive(left(end))) {
          left.add(lane);
        }
      }
    }
  }

  /** Sends to unconnected lanes last: connecting overlaps with waiting for the other replies. */
  private List<Acknowledger> ask(List<Acknowledger> of, boolean sampling, Instant end) {
    List<Acknowledger> inOrder = new ArrayList<>(of);
    inOrder.sort(Comparator.comparing(lane -> !lane.isConnected()));
    List<Acknowledger> asked = new ArrayList<>();
    for (Acknowledger lane : inOrder) {
      if (lane.send(sampling)) {
        asked.add(lane);
      }
      if (left(end).isZero()) {
        // the next call begins with the lanes that had no turn
        lanes.remove(lane);
        lanes.add(lane);
        break;
      }
    }
    return asked;
  }

  private Duration left(Instant end) {
    Duration left = Duration.between(clock.instant(), end);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * Acknowledges once more and closes all connections.
   *
   * @param reachable the acknowledgers whose lanes are connected
   */
  public synchronized void close(List<Acknowledger> reachable) {
    closed = true;
    acknowledge(reachable, false);
    lanes.forEach(Acknowledger::close);
  }
}
