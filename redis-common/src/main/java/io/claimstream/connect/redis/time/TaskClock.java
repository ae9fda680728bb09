/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.time;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Wall-clock time, for display and for comparison with ids and timestamps, and {@link #steady} time
 * for waits: the wall clock may be set back while a task runs, and a wait must not become longer
 * because of it.
 */
public abstract class TaskClock extends Clock {

  /** Returns the system's clock in UTC, with {@link System#nanoTime} as steady time. */
  public static TaskClock system() {
    return new SystemClock();
  }

  /**
   * Returns time that never goes back. Its instants are meaningful only relative to each other, and
   * must not be compared with another source's.
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
    public long millis() {
      return wall.millis(); // the inherited one creates an instant first
    }

    @Override
    public InstantSource steady() {
      return () -> Instant.EPOCH.plusNanos(System.nanoTime() - start);
    }
  }
}
