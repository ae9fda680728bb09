/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;

/**
 * Count of events that are logged at most once a minute, so that a flood of bad input does not
 * become a flood of lines. Used by one thread, or under the caller's lock.
 */
public final class ThrottledCount {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long unreported;

  /** Creates a count of zero; its first event is logged at once. */
  public ThrottledCount(InstantSource clock) {
    this.clock = clock;
  }

  /** Counts an event; returns the number to log now, which includes it, or empty. */
  public OptionalLong add() {
    unreported++;
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      return OptionalLong.empty();
    }
    next = now.plus(INTERVAL);
    return remaining();
  }

  /** Returns the number of events not logged yet, and starts again at zero; empty if zero. */
  public OptionalLong remaining() {
    long count = unreported;
    unreported = 0;
    return count == 0 ? OptionalLong.empty() : OptionalLong.of(count);
  }
}
