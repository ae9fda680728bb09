/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.claimstream.connect.redis.fake.FakeClock;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class OutageBackoffTest {
  private final RedisOutageException outage = new RedisOutageException("connection refused", null);

  private final FakeClock clock = new FakeClock();

  @Test
  void mayTryAtOnceWhileThereIsNoOutage() {
    OutageBackoff backoff = backoff(Optional.empty());

    assertThat(backoff.isOut()).isFalse();
    assertThat(backoff.mayTry()).isTrue();
    assertThat(backoff.remaining()).isZero();
  }

  @Test
  void waitsForTheRemainingTimeAndNoLonger() {
    OutageBackoff backoff = backoff(Optional.empty());

    backoff.failed(outage);
    Duration remaining = backoff.remaining();

    assertThat(backoff.isOut()).isTrue();
    assertThat(backoff.mayTry()).isFalse();
    assertThat(remaining).isBetween(Duration.ofMillis(50), Duration.ofMillis(150));
    clock.advance(remaining.minusMillis(1));
    assertThat(backoff.mayTry()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(backoff.mayTry()).isTrue();
    assertThat(backoff.remaining()).isZero();
  }

  @Test
  void waitsLongerAfterEachFailureUpToTheLongestDelay() {
    OutageBackoff backoff = backoff(Optional.empty());

    for (int attempt = 0; attempt < 40; attempt++) {
      backoff.failed(outage);
      double expected = Math.min(4_000, 100 * Math.pow(2, attempt));
      assertThat(backoff.remaining().toMillis())
          .as("attempt %d", attempt)
          .isBetween((long) (expected * 0.5) - 1, (long) Math.min(4_000, expected * 1.5) + 1);
      clock.advance(backoff.remaining());
    }
  }

  @Test
  void startsAnewAfterRecovery() {
    OutageBackoff backoff = backoff(Optional.empty());
    for (int i = 0; i < 10; i++) {
      backoff.failed(outage);
    }

    backoff.recovered();

    assertThat(backoff.isOut()).isFalse();
    assertThat(backoff.mayTry()).isTrue();
    backoff.failed(outage);
    assertThat(backoff.remaining()).isLessThanOrEqualTo(Duration.ofMillis(150));
  }

  @Test
  void failsTheTaskWhenTheOutageLastsTooLong() {
    OutageBackoff backoff = backoff(Optional.of(Duration.ofSeconds(30)));
    backoff.failed(outage);
    clock.advance(Duration.ofSeconds(30));
    assertThatNoException().isThrownBy(() -> backoff.failed(outage));

    clock.advance(Duration.ofMillis(1));

    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> backoff.failed(outage))
        .withMessageContaining("lane claims:events")
        .withMessageContaining("errors.retry.timeout")
        .withMessageContaining("connection refused")
        .withCause(outage)
        .isNotInstanceOf(RedisOutageException.class);
  }

  @Test
  void countsEachOutageByItself() {
    OutageBackoff backoff = backoff(Optional.of(Duration.ofSeconds(30)));
    backoff.failed(outage);
    clock.advance(Duration.ofSeconds(29));
    backoff.recovered();
    clock.advance(Duration.ofSeconds(29));

    assertThatNoException().isThrownBy(() -> backoff.failed(outage));
  }

  private OutageBackoff backoff(Optional<Duration> timeout) {
    return new OutageBackoff(
        "lane claims:events", new RetryLimits(timeout, Duration.ofSeconds(4)), clock);
  }
}
