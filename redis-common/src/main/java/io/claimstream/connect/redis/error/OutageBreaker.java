/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a sick Redis from being hammered: opens at the first failure, lets one try through after a
 * pause that grows exponentially with jitter, and closes when a try works. Gives up after {@code
 * errors.retry.timeout}. Logs when an outage begins and ends, not each try.
 *
 * <p>One thread tries and tells the outcome; any thread may ask for the state.
 *
 * @see <a href="https://resilience4j.readme.io/docs/circuitbreaker">resilience4j's breaker</a>
 */
public final class OutageBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(OutageBreaker.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration TICK = Duration.ofMillis(1);

  private final String what;
  private final RetryLimits limits;
  private final Clock clock;
  private final CircuitBreaker breaker;
  private final LongAdder failures = new LongAdder();
  private int attempts;
  private volatile @Nullable Instant since;
  private volatile Instant next = Instant.MIN;

  /** Whether Redis is asked. */
  public enum State {
    /** It is: there is no outage. */
    CLOSED(0),
    /** One try is on its way, to see whether the outage is over. */
    HALF_OPEN(1),
    /** It is not, until the pause is over. */
    OPEN(2);

    private final int figure;

    State(int figure) {
      this.figure = figure;
    }

    /** As the metric {@code breaker-state} has it. */
    public int figure() {
      return figure;
    }
  }

  /**
   * A closed breaker.
   *
   * @param what names the lane or stream in messages
   */
  public OutageBreaker(String what, RetryLimits limits, Clock clock) {
    this.what = what;
    this.limits = limits;
    this.clock = clock;
    IntervalFunction delays =
        IntervalFunction.ofExponentialRandomBackoff(
            FIRST_DELAY.toMillis(), 2.0, 0.5, limits.maxDelay().toMillis());
    this.breaker =
        CircuitBreaker.of(
            what,
            CircuitBreakerConfig.custom()
                // a lost connection is no statistic: the first failure opens
                .slidingWindow(1, 1, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitIntervalFunctionInOpenState(attempt -> waitFor(delays.apply(attempt)))
                .clock(clock)
                .build());
  }

  private long waitFor(long millis) {
    next = clock.instant().plusMillis(millis);
    return millis;
  }

  /**
   * Whether to try now. Whoever is told so tells the outcome by {@link #failed} or {@link
   * #recovered}.
   */
  public boolean tryAcquire() {
    return breaker.tryAcquirePermission();
  }

  /** Whether it is too early to try again. Any thread. */
  public boolean isWaiting() {
    return isOut() && !clock.instant().isAfter(next);
  }

  /** How long {@link #isWaiting} lasts; zero if it does not. */
  public Duration remaining() {
    return isWaiting() ? Duration.between(clock.instant(), next).plus(TICK) : Duration.ZERO;
  }

  /** Whether an outage lasts. Any thread. */
  public boolean isOut() {
    return since != null;
  }

  /** What the breaker does now. Any thread. */
  public State state() {
    return switch (breaker.getState()) {
      case OPEN -> State.OPEN;
      case HALF_OPEN -> State.HALF_OPEN;
      default -> State.CLOSED;
    };
  }

  /** How many tries have failed since the task started. Any thread. */
  public long failures() {
    return failures.sum();
  }

  /**
   * Notes a failed try.
   *
   * @throws ConnectException if the outage has lasted as long as {@code errors.retry.timeout}
   *     allows
   */
  public void failed(RedisOutageException failure) {
    Instant now = clock.instant();
    Instant began = since;
    if (began == null) {
      began = now;
      since = now;
      LOG.warn("{}: Redis is out, trying again until it is back: {}", what, failure.getMessage());
    } else {
      LOG.debug("{}: Redis is still out: {}", what, failure.getMessage());
    }
    attempts++;
    failures.increment();
    breaker.onError(0, TimeUnit.MILLISECONDS, failure);
    Duration lasted = Duration.between(began, now);
    if (limits.isOver(lasted)) {
      throw new ConnectException(
          what
              + ": Redis has been out for "
              + lasted.toSeconds()
              + " s, as long as errors.retry.timeout allows: "
              + failure.getMessage()
              + ". Nothing is lost; restart the task when Redis is back",
          failure);
    }
  }

  /** Notes that Redis answered. */
  public void recovered() {
    Instant began = since;
    if (began != null) {
      LOG.info(
          "{}: Redis is back after {} s and {} attempts",
          what,
          Duration.between(began, clock.instant()).toSeconds(),
          attempts);
      since = null;
      attempts = 0;
      breaker.reset();
    }
  }
}
