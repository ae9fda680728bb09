/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.List;

/** Waits as long as there is progress, and gives up some time after the last. One thread. */
final class Patience {
  private final long nanos;
  private List<Long> seen = List.of();
  private long changedAt;

  /**
   * A patience that begins at that moment.
   *
   * @param longest how long nothing may change
   * @param nowNanos of {@link System#nanoTime}
   */
  Patience(Duration longest, long nowNanos) {
    this.nanos = longest.toNanos();
    this.changedAt = nowNanos;
  }

  /** Whether it is used up: the figures have not changed for too long. */
  boolean isLost(List<Long> figures, long nowNanos) {
    if (!figures.equals(seen)) {
      seen = figures;
      changedAt = nowNanos;
    }
    return nowNanos - changedAt > nanos;
  }
}
