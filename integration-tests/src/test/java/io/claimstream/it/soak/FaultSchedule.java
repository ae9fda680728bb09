/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * The order and length of faults between two checkpoints, decided by a seed. How many there are is
 * up to the machine, so each checkpoint begins a sequence of its own. Used by one thread.
 */
final class FaultSchedule {
  private final List<Fault> faults;
  private final Random random;

  /** Chooses among these; those that end the worker are left out unless the window has them. */
  FaultSchedule(List<Fault> faults, boolean endsWorker, long seed) {
    this.faults = faults.stream().filter(fault -> endsWorker || !fault.endsWorker()).toList();
    this.random = new Random(seed);
  }

  /** The next fault. */
  Fault next() {
    int ticket = random.nextInt(faults.stream().mapToInt(Fault::weight).sum());
    for (Fault fault : faults) {
      ticket -= fault.weight();
      if (ticket < 0) {
        return fault;
      }
    }
    throw new AssertionError("the weights do not add up");
  }

  /** How long it lasts. */
  Duration lengthOf(Fault fault) {
    return upTo(fault.longest());
  }

  /** A time up to that one. */
  Duration upTo(Duration longest) {
    return Duration.ofMillis(random.nextInt((int) longest.toMillis() + 1));
  }
}
