/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retry;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an unavailable Redis from being hammered: opens at the first failure, allows a try after a
 * pause that grows exponentially with jitter, and closes when a try works. Gives up after {@code
 * errors.retry.timeout}. Logs when an outage begins and ends, not each try.
 *
 * <p>A try is allowed whenever {@link #isWaiting} is false; no caller can use up another one's. A
 * try whose outcome is never reported, because it ended in something that is neither an outage nor
 * an answer, delays the next one by a short pause. Safe for use by several threads.
 */
public final class OutageBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(OutageBreaker.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final double GROWTH = 2;
  private static final double JITTER = 0.5;

  private final String what;
  private final RetryLimits limits;
  private final InstantSource clock;
  private long failures;
  private @Nullable Outage outage;

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
   * An outage that lasts.
   *
   * @param attempts how many tries have failed
   * @param next when the next try is allowed
   * @param trying whether one was allowed since the last failure
   */
  private record Outage(Instant began, int attempts, Instant next, boolean trying) {}

  /**
   * A closed breaker.
   *
   * @param what names the lane or stream in messages
   * @param clock steady time: pauses and outages do not follow the wall clock
   */
  public OutageBreaker(String what, RetryLimits limits, InstantSource clock) {
    this.what = what;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Whether to try now. A caller that gets {@code true} reports the outcome to {@link #failed} or
   * {@link #recovered}.
   */
  public synchronized boolean tryAcquire() {
    Outage now = outage;
    if (now == null) {
      return true;
    }
    if (isWaiting()) {
      return false;
    }
    outage = new Outage(now.began(), now.attempts(), clock.instant().plus(FIRST_DELAY), true);
    return true;
  }

  /** Whether it is too early to try again. */
  public synchronized boolean isWaiting() {
    return outage != null && clock.instant().isBefore(outage.next());
  }

  /** How long {@link #isWaiting} lasts, in whole milliseconds; zero if it does not. */
  public synchronized Duration remaining() {
    Outage now = outage;
    if (now == null) {
      return Duration.ZERO;
    }
    // rounded up, since who waits in whole milliseconds must not come too early
    long millis = Duration.between(clock.instant(), now.next()).plusNanos(999_999).toMillis();
    return Duration.ofMillis(Math.max(0, millis));
  }

  /** Whether an outage lasts. */
  public synchronized boolean isOut() {
    return outage != null;
  }

  /** What the breaker does now. */
  public synchronized State state() {
    if (outage == null) {
      return State.CLOSED;
    }
    return outage.trying() ? State.HALF_OPEN : State.OPEN;
  }

  /** How many tries have failed since the task started. */
  public synchronized long failures() {
    return failures;
  }

  /**
   * Notes a failed try.
   *
   * @throws ConnectException if the outage has lasted as long as {@code errors.retry.timeout}
   *     allows
   */
  public synchronized void failed(RedisOutageException failure) {
    Instant now = clock.instant();
    Outage before = outage;
    Instant began = before == null ? now : before.began();
    int attempts = before == null ? 1 : before.attempts() + 1;
    if (before == null) {
      LOG.warn("{}: Redis is out, trying again until it is back: {}", what, failure.getMessage());
    } else {
      LOG.debug("{}: Redis is still out: {}", what, failure.getMessage());
    }
    failures++;
    outage = new Outage(began, attempts, now.plus(delay(attempts)), false);
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

  /** The jitter keeps tasks that lost Redis together from coming back together. */
  private Duration delay(int attempts) {
    double longest = limits.maxDelay().toMillis();
    double delay = Math.min(longest, FIRST_DELAY.toMillis() * Math.pow(GROWTH, attempts - 1));
    double jitter = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
    return Duration.ofMillis(Math.round(Math.min(longest, delay * jitter)));
  }

  /** Notes that Redis answered. */
  public synchronized void recovered() {
    Outage over = outage;
    if (over != null) {
      LOG.info(
          "{}: Redis is back after {} s and {} attempts",
          what,
          Duration.between(over.began(), clock.instant()).toSeconds(),
          over.attempts());
      outage = null;
    }
  }
}
