/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Computes how many events are due to keep an average rate. Used by one thread. */
final class Pace {
  private final OptionalLong rate;
  private final long startNanos;

  /**
   * Creates a pace that starts at that moment.
   *
   * @param rate events per second; empty = no limit
   * @param startNanos the value of {@link System#nanoTime} at the start
   */
  Pace(OptionalLong rate, long startNanos) {
    this.rate = rate;
    this.startNanos = startNanos;
  }

  /** Returns how many events are due at that moment, after some have been sent. */
  long due(long nowNanos, long sent) {
    if (rate.isEmpty()) {
      return Long.MAX_VALUE;
    }
    double seconds = (nowNanos - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    return (long) (seconds * rate.getAsLong()) + 1 - sent;
  }
}
