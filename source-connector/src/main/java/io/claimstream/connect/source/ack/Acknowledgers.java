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
 * Acknowledges for all lanes of a task at once, outside of reads: each is asked before any is
 * waited for, and they have one deadline together. Connect's commit and a stop wait for it, and
 * Connect's workers commit for all their tasks with one thread: a frozen server must not hold that
 * up once for each stream. Safe for use by several threads.
 */
public final class Acknowledgers {
  /** How long one call waits, however many lanes there are. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<Acknowledger> lanes;
  private final InstantSource clock;
  private boolean closed;

  /**
   * Acknowledges for these lanes.
   *
   * @param clock steady time
   */
  public Acknowledgers(Collection<Acknowledger> lanes, InstantSource clock) {
    this.lanes = new ArrayList<>(lanes);
    this.clock = clock;
  }

  /**
   * Acknowledges all that is ready, and asks how the streams are where no read has done that
   * lately: nobody reads while a task is paused. Never throws what Redis says. Does nothing after
   * {@link #close}.
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

  /** Those that have to connect come last: that takes the time which the answers need anyway. */
  private List<Acknowledger> ask(List<Acknowledger> of, boolean sampling, Instant end) {
    List<Acknowledger> inOrder = new ArrayList<>(of);
    inOrder.sort(Comparator.comparing(lane -> !lane.isConnected()));
    List<Acknowledger> asked = new ArrayList<>();
    for (Acknowledger lane : inOrder) {
      if (lane.send(sampling)) {
        asked.add(lane);
      }
      if (left(end).isZero()) {
        // the next call begins with those that have had no turn
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
   * @param reachable those whose Redis was there a moment ago
   */
  public synchronized void close(List<Acknowledger> reachable) {
    closed = true;
    acknowledge(reachable, false);
    lanes.forEach(Acknowledger::close);
  }
}
