/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** The order and length of faults, decided by a seed. Used by one thread. */
final class FaultSchedule {
  private final List<Fault> faults;
  private final Random random;

  FaultSchedule(List<Fault> faults, Random random) {
    this.faults = List.copyOf(faults);
    this.random = random;
  }

  /** The next fault. */
  Fault next(boolean mayEndWorker) {
    List<Fault> possible =
        faults.stream().filter(fault -> mayEndWorker || !fault.endsWorker()).toList();
    int ticket = random.nextInt(possible.stream().mapToInt(Fault::weight).sum());
    for (Fault fault : possible) {
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
