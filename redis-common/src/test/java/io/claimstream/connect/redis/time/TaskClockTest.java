/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class TaskClockTest {
  private final TaskClock clock = TaskClock.system();

  @Test
  void showsTheTimeOfDay() {
    assertThat(clock.instant()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
  }

  @Test
  void steadyTimePassesAsNanoTimeDoes() {
    // given
    InstantSource steady = clock.steady();
    long before = System.nanoTime();
    Instant begin = steady.instant();
    long between = System.nanoTime();

    // when some of it has passed
    while (System.nanoTime() - between < 2_000_000) {
      Thread.onSpinWait();
    }

    // then
    Duration passed = Duration.between(begin, steady.instant());
    assertThat(passed)
        .isBetween(Duration.ofMillis(2), Duration.ofNanos(System.nanoTime() - before));
  }

  @Test
  void sourcesOfSteadyTimeOfOneClockAgree() {
    Instant first = clock.steady().instant();

    assertThat(clock.steady().instant()).isAfterOrEqualTo(first);
  }
}
