/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.time.TaskClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. Safe for use by several threads. */
public final class FakeClock extends TaskClock {
  private final AtomicReference<Instant> now;
  private final AtomicReference<Instant> steady = new AtomicReference<>(Instant.EPOCH);

  /** Creates a clock at the start of the year 2026. */
  public FakeClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /** Creates a clock at that instant. */
  public FakeClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  /** Advances the clock. */
  public void advance(Duration by) {
    now.updateAndGet(instant -> instant.plus(by));
    steady.updateAndGet(instant -> instant.plus(by));
  }

  /** Sets the wall clock back, like an administrator or NTP: steady time does not change. */
  public void setBack(Duration by) {
    now.updateAndGet(instant -> instant.minus(by));
  }

  @Override
  public Instant instant() {
    return requireNonNull(now.get());
  }

  @Override
  public InstantSource steady() {
    return () -> requireNonNull(steady.get());
  }
}
