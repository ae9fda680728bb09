/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When to try again after an outage: exponentially later with jitter, for as long as {@code
 * errors.retry.timeout} allows. Logs when an outage begins and ends, not each attempt. Used by one
 * thread.
 */
public final class OutageBackoff {
  private static final Logger LOG = LoggerFactory.getLogger(OutageBackoff.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);

  private final String what;
  private final RetryLimits limits;
  private final Clock clock;
  private final IntervalFunction delays;
  private int attempts;
  private @Nullable Instant since;
  private Instant next = Instant.MIN;

  /**
   * A backoff with no outage yet.
   *
   * @param what names the lane or stream in messages
   */
  public OutageBackoff(String what, RetryLimits limits, Clock clock) {
    this.what = what;
    this.limits = limits;
    this.clock = clock;
    this.delays =
        IntervalFunction.ofExponentialRandomBackoff(
            FIRST_DELAY.toMillis(), 2.0, 0.5, limits.maxDelay().toMillis());
  }

  /** Whether there is no outage, or it is time to try again. */
  public boolean mayTry() {
    return !clock.instant().isBefore(next);
  }

  /** How long until {@link #mayTry}; zero if it is time. */
  public Duration remaining() {
    return mayTry() ? Duration.ZERO : Duration.between(clock.instant(), next);
  }

  /** Whether an outage lasts. */
  public boolean isOut() {
    return since != null;
  }

  /**
   * Notes a failed attempt.
   *
   * @throws ConnectException if the outage has lasted longer than {@code errors.retry.timeout}
   */
  public void failed(RedisOutageException failure) {
    Instant now = clock.instant();
    if (since == null) {
      since = now;
      LOG.warn("{}: Redis is out, trying again until it is back: {}", what, failure.getMessage());
    } else {
      LOG.debug("{}: Redis is still out: {}", what, failure.getMessage());
    }
    Duration lasted = Duration.between(since, now);
    if (limits.isOver(lasted)) {
      throw new ConnectException(
          what
              + ": Redis was out for "
              + lasted.toSeconds()
              + " s, longer than errors.retry.timeout allows: "
              + failure.getMessage(),
          failure);
    }
    attempts++;
    next = now.plusMillis(delays.apply(attempts));
  }

  /** Notes that Redis answered. */
  public void recovered() {
    if (since != null) {
      LOG.info(
          "{}: Redis is back after {} s and {} attempts",
          what,
          Duration.between(since, clock.instant()).toSeconds(),
          attempts);
      since = null;
      attempts = 0;
      next = Instant.MIN;
    }
  }
}
