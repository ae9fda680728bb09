/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.List;

/** A deadline that progress extends. Used by one thread. */
final class Patience {
  private final long nanos;
  private List<Long> seen = List.of();
  private long changedAt;

  /**
   * Creates a deadline that begins at that moment.
   *
   * @param longest the maximum time without progress
   * @param nowNanos the value of {@link System#nanoTime}
   */
  Patience(Duration longest, long nowNanos) {
    this.nanos = longest.toNanos();
    this.changedAt = nowNanos;
  }

  /** Returns whether the numbers have not changed for too long. */
  boolean isLost(List<Long> figures, long nowNanos) {
    if (!figures.equals(seen)) {
      seen = figures;
      changedAt = nowNanos;
    }
    return nowNanos - changedAt > nanos;
  }
}
