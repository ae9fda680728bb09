/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.retry.OutageBreaker.State;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class OutageBreakerTest {
  private final RedisOutageException outage = new RedisOutageException("connection refused", null);

  private final FakeClock clock = new FakeClock();

  @Test
  void letsEverythingThroughWhileThereIsNoOutage() {
    OutageBreaker breaker = breaker(Optional.empty());

    assertThat(breaker.isOut()).isFalse();
    assertThat(breaker.isWaiting()).isFalse();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.remaining()).isZero();
  }

  @Test
  void opensAtTheFirstFailureAndLetsOneTryThroughWhenThePauseIsOver() {
    OutageBreaker breaker = breaker(Optional.empty());

    breaker.failed(outage);
    Duration remaining = breaker.remaining();

    assertThat(breaker.isOut()).isTrue();
    assertThat(breaker.isWaiting()).isTrue();
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.tryAcquire()).isFalse();
    assertThat(remaining).isBetween(Duration.ofMillis(50), Duration.ofMillis(151));
    clock.advance(remaining.minusMillis(1));
    assertThat(breaker.isWaiting()).isTrue();
    assertThat(breaker.tryAcquire()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(breaker.isWaiting()).isFalse();
    assertThat(breaker.remaining()).isZero();
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    assertThat(breaker.tryAcquire()).as("a second try beside the first").isFalse();
  }

  @Test
  void allowsAnotherTryAfterAPauseIfTheOutcomeOfOneIsNeverReported() {
    // given a try that ended in something that is no outage
    OutageBreaker breaker = breaker(Optional.empty());
    breaker.failed(outage);
    clock.advance(breaker.remaining());
    assertThat(breaker.tryAcquire()).isTrue();

    // when
    Duration remaining = breaker.remaining();

    // then whoever waits as long as it says may try again
    assertThat(breaker.isWaiting()).isTrue();
    assertThat(remaining).isEqualTo(Duration.ofMillis(100));
    clock.advance(remaining);
    assertThat(breaker.isWaiting()).isFalse();
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void aTryIsAllowedWheneverItIsNotToBeWaitedFor() {
    OutageBreaker breaker = breaker(Optional.empty());
    long seed = System.nanoTime();
    Random random = new Random(seed);

    for (int i = 0; i < 1_000; i++) {
      switch (random.nextInt(4)) {
        case 0 -> breaker.failed(outage);
        case 1 -> clock.advance(Duration.ofMillis(random.nextInt(300)));
        case 2 -> clock.advance(breaker.remaining());
        default -> {
          if (random.nextInt(10) == 0) {
            breaker.recovered();
          }
        }
      }
      boolean waits = breaker.isWaiting();
      assertThat(breaker.remaining().isZero()).as("seed %d, step %d", seed, i).isEqualTo(!waits);
      assertThat(breaker.tryAcquire()).as("seed %d, step %d", seed, i).isEqualTo(!waits);
    }
  }

  @Test
  void waitsLongerAfterEachFailureUpToTheLongestDelay() {
    OutageBreaker breaker = breaker(Optional.empty());

    for (int attempt = 0; attempt < 40; attempt++) {
      assertThat(breaker.tryAcquire()).as("attempt %d", attempt).isTrue();
      breaker.failed(outage);
      double expected = Math.min(4_000, 100 * Math.pow(2, attempt));
      assertThat(breaker.remaining().toMillis())
          .as("attempt %d", attempt)
          .isBetween((long) (expected * 0.5) - 1, (long) Math.min(4_000, expected * 1.5) + 2);
      clock.advance(breaker.remaining());
    }
    assertThat(breaker.failures()).isEqualTo(40);
  }

  @Test
  void startsOverAfterRecovery() {
    OutageBreaker breaker = breaker(Optional.empty());
    for (int i = 0; i < 10; i++) {
      breaker.tryAcquire();
      breaker.failed(outage);
      clock.advance(breaker.remaining());
    }

    breaker.tryAcquire();
    breaker.recovered();

    assertThat(breaker.isOut()).isFalse();
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.tryAcquire()).isTrue();
    breaker.failed(outage);
    assertThat(breaker.remaining()).isLessThanOrEqualTo(Duration.ofMillis(151));
  }

  @Test
  void failsTheTaskWhenTheOutageLastsTooLong() {
    OutageBreaker breaker = breaker(Optional.of(Duration.ofSeconds(30)));
    breaker.failed(outage);
    clock.advance(Duration.ofMillis(29_999));
    assertThatNoException().isThrownBy(() -> breaker.failed(outage));

    clock.advance(Duration.ofMillis(1));

    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> breaker.failed(outage))
        .withMessageContaining("lane claims:events")
        .withMessageContaining("errors.retry.timeout")
        .withMessageContaining("connection refused")
        .withCause(outage)
        .isNotInstanceOf(RedisOutageException.class);
  }

  @Test
  void failsTheTaskAtOnceWhereNoRetryIsAllowed() {
    OutageBreaker breaker = breaker(Optional.of(Duration.ZERO));

    assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> breaker.failed(outage));
  }

  @Test
  void countsEachOutageByItself() {
    OutageBreaker breaker = breaker(Optional.of(Duration.ofSeconds(30)));
    breaker.failed(outage);
    clock.advance(Duration.ofSeconds(29));
    breaker.recovered();
    clock.advance(Duration.ofSeconds(29));

    assertThatNoException().isThrownBy(() -> breaker.failed(outage));
  }

  private OutageBreaker breaker(Optional<Duration> timeout) {
    return new OutageBreaker(
        "lane claims:events", new RetryLimits(timeout, Duration.ofSeconds(4)), clock.steady());
  }
}
