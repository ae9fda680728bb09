/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.time;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Wall-clock time, for what is shown to people or compared with ids and timestamps, and beside it
 * {@link #steady} time for waits: the wall clock may be set back while a task runs, and a wait must
 * not last longer by that.
 */
public abstract class TaskClock extends Clock {

  /** The system's clock in UTC, with {@link System#nanoTime} as steady time. */
  public static TaskClock system() {
    return new SystemClock();
  }

  /**
   * Time that only goes forward. Its instants mean nothing but the time between two of them, and
   * are not to be compared with another source's.
   */
  public abstract InstantSource steady();

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("a task's clock is in UTC");
  }

  private static final class SystemClock extends TaskClock {
    private final Clock wall = Clock.systemUTC();
    private final long start = System.nanoTime();

    @Override
    public Instant instant() {
      return wall.instant();
    }

    @Override
    public InstantSource steady() {
      return () -> Instant.EPOCH.plusNanos(System.nanoTime() - start);
    }
  }
}
