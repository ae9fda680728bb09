/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retry;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Circuit breaker for an unavailable Redis. It opens at the first failure, allows a trial call
 * after a pause that grows exponentially with jitter, and closes when a call succeeds. Gives up
 * after {@code errors.retry.timeout}. Logs the beginning and the end of an outage, not each
 * attempt.
 *
 * <p>A call is allowed whenever {@link #isWaiting} is false; callers do not use up each other's
 * calls. A call whose outcome is never reported, because it ended in neither an outage nor a reply,
 * delays the next one by a short pause. Safe for use by several threads.
 */
public final class OutageBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(OutageBreaker.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final double GROWTH = 2;
  private static final double JITTER = 0.5;

  /** Maximum number of different reasons to log in one outage. */
  private static final int MOST_REASONS = 5;

  private final String what;
  private final RetryLimits limits;
  private final InstantSource clock;
  private long failures;
  private @Nullable Outage outage;

  /** State of the breaker. */
  public enum State {
    /** Calls are allowed: there is no outage. */
    CLOSED(0),
    /** One trial call is in flight. */
    HALF_OPEN(1),
    /** No calls are allowed until the pause is over. */
    OPEN(2);

    private final int value;

    State(int value) {
      this.value = value;
    }

    /** Returns the value of the metric {@code breaker-state}. */
    public int value() {
      return value;
    }
  }

  /**
   * An ongoing outage.
   *
   * @param attempts the number of failed attempts
   * @param next the time at which the next attempt is allowed
   * @param trying whether an attempt was allowed since the last failure
   * @param reasons the messages logged so far: the first one, such as a lost connection, is often
   *     not the reason for which the next attempts fail
   */
  private record Outage(
      Instant began, int attempts, Instant next, boolean trying, Set<String> reasons) {}

  /**
   * Creates a closed breaker.
   *
   * @param what the stream or consumer, for messages
   * @param clock steady time: pauses and outages do not follow the wall clock
   */
  public OutageBreaker(String what, RetryLimits limits, InstantSource clock) {
    this.what = what;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Returns whether to try now. A caller that gets {@code true} must report the outcome to {@link
   * #failed} or {@link #recovered}.
   */
  public synchronized boolean tryAcquire() {
    Outage now = outage;
    if (now == null) {
      return true;
    }
    if (isWaiting()) {
      return false;
    }
    outage =
        new Outage(
            now.began(), now.attempts(), clock.instant().plus(FIRST_DELAY), true, now.reasons());
    return true;
  }

  /** Returns whether it is too early to try again. */
  public synchronized boolean isWaiting() {
    return outage != null && clock.instant().isBefore(outage.next());
  }

  /** Returns how long {@link #isWaiting} lasts, in whole milliseconds; zero if it is false. */
  public synchronized Duration remaining() {
    Outage now = outage;
    if (now == null) {
      return Duration.ZERO;
    }
    // rounded up: a caller that waits for whole milliseconds must not come too early
    long millis = Duration.between(clock.instant(), now.next()).plusNanos(999_999).toMillis();
    return Duration.ofMillis(Math.max(0, millis));
  }

  /** Returns whether there is an outage. */
  public synchronized boolean isOut() {
    return outage != null;
  }

  /** Returns the current state. */
  public synchronized State state() {
    if (outage == null) {
      return State.CLOSED;
    }
    return outage.trying() ? State.HALF_OPEN : State.OPEN;
  }

  /** Returns the number of failed attempts since the task started. */
  public synchronized long failures() {
    return failures;
  }

  /**
   * Reports a failed attempt.
   *
   * @throws ConnectException if the outage has lasted longer than {@code errors.retry.timeout}
   */
  public synchronized void failed(RedisOutageException failure) {
    Instant now = clock.instant();
    Outage before = outage;
    Instant began = before == null ? now : before.began();
    int attempts = before == null ? 1 : before.attempts() + 1;
    Set<String> reasons = before == null ? new HashSet<>() : before.reasons();
    if (reasons.size() >= MOST_REASONS || !reasons.add(String.valueOf(failure.getMessage()))) {
      LOG.debug("{}: Redis is still unavailable: {}", what, failure.getMessage());
    } else if (before == null) {
      LOG.warn("{}: Redis is unavailable; retrying: {}", what, failure.getMessage());
    } else {
      LOG.warn("{}: Redis is still unavailable: {}", what, failure.getMessage());
    }
    failures++;
    outage = new Outage(began, attempts, now.plus(delay(attempts)), false, reasons);
    Duration lasted = Duration.between(began, now);
    if (limits.isOver(lasted)) {
      throw new ConnectException(
          what
              + ": Redis has been unavailable for "
              + lasted.toSeconds()
              + " s, longer than errors.retry.timeout allows: "
              + failure.getMessage()
              + ". No data is lost; restart the task when Redis is available again",
          failure);
    }
  }

  /** Returns the pause. The jitter keeps tasks that lost Redis together from retrying together. */
  private Duration delay(int attempts) {
    double longest = limits.maxDelay().toMillis();
    double delay = Math.min(longest, FIRST_DELAY.toMillis() * Math.pow(GROWTH, attempts - 1));
    double jitter = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
    return Duration.ofMillis(Math.round(Math.min(longest, delay * jitter)));
  }

  /**
   * Reports the outcome of an attempt, and returns it: the outage that it met, or null for a reply.
   *
   * @throws ConnectException as {@link #failed} does
   */
  public @Nullable RedisOutageException report(@Nullable RedisOutageException met) {
    if (met == null) {
      recovered();
    } else {
      failed(met);
    }
    return met;
  }

  /** Reports a reply from Redis. */
  public synchronized void recovered() {
    Outage over = outage;
    if (over != null) {
      LOG.info(
          "{}: Redis is available again after {} s and {} attempts",
          what,
          Duration.between(over.began(), clock.instant()).toSeconds(),
          over.attempts());
      outage = null;
    }
  }
}
