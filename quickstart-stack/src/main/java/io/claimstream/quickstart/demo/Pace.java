/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** How many events are due, so that a rate is kept on average. Used by one thread. */
final class Pace {
  private final OptionalLong rate;
  private final long startNanos;

  /**
   * A pace from that moment on.
   *
   * @param rate events per second; empty = no limit
   * @param startNanos of {@link System#nanoTime}
   */
  Pace(OptionalLong rate, long startNanos) {
    this.rate = rate;
    this.startNanos = startNanos;
  }

  /** How many events are due at that moment, of which some are sent already. */
  long due(long nowNanos, long sent) {
    if (rate.isEmpty()) {
      return Long.MAX_VALUE;
    }
    double seconds = (nowNanos - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    return (long) (seconds * rate.getAsLong()) + 1 - sent;
  }
}
