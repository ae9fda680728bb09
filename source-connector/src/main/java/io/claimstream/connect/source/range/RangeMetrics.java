/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.retry.OutageBreaker;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Metrics of a task for one stream. Safe for use by several threads. */
final class RangeMetrics {
  private final Map<RedisErrorKind, Counter> errors = new EnumMap<>(RedisErrorKind.class);
  private final Counter read;
  private final Counter filtered;
  private final Counter produced;
  private final Counter dropped;
  private final Counter deadLetters;
  private final AtomicLong inFlight = new AtomicLong();
  private volatile boolean isComplete;

  RangeMetrics(
      TaskMetrics task,
      String stream,
      StreamRange range,
      OutageBreaker breaker,
      BooleanSupplier isIncomplete) {
    TaskMetrics.Tagged metrics = task.tagged("stream", stream, "range", range.toString());
    this.read = metrics.counter("entries-read", "Entries of the range read from Redis");
    this.filtered =
        metrics.counter("entries-filtered", "Entries that event.filter does not accept");
    this.produced = metrics.counter("records-produced", "Records confirmed by Kafka");
    this.dropped = metrics.counter("records-dropped", "Records that Connect dropped");
    this.deadLetters = metrics.counter("dead-letters", "Entries that were dead-lettered");
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of kind " + name));
    }
    metrics.gauge(
        "in-flight-records",
        "Records handed to Connect and not confirmed by Kafka yet",
        inFlight::get);
    metrics.gauge(
        "complete",
        "1 if the whole range has been read and Connect has reported all its records, otherwise 0",
        () -> isComplete ? 1 : 0);
    metrics.gauge(
        "incomplete",
        "1 if entries of the range were trimmed, deleted or lost before they were read, otherwise 0",
        () -> isIncomplete.getAsBoolean() ? 1 : 0);
    metrics.gauge(
        "breaker-state",
        "State of the circuit breaker for Redis: 0 = closed; 1 = half-open, one attempt is in"
            + " progress; 2 = open, no attempts",
        () -> breaker.state().value());
  }

  /** Entries of the range read from Redis. */
  Counter read() {
    return read;
  }

  /** Entries that the filter does not accept. */
  Counter filtered() {
    return filtered;
  }

  /** Records confirmed by Kafka. */
  Counter produced() {
    return produced;
  }

  /** Records that Connect dropped. */
  Counter dropped() {
    return dropped;
  }

  /** Entries that were dead-lettered. */
  Counter deadLetters() {
    return deadLetters;
  }

  /** Number of records that Connect has not reported yet. */
  AtomicLong inFlight() {
    return inFlight;
  }

  /** Records that the range is complete. */
  void complete() {
    isComplete = true;
  }

  /** Whether the range is complete. */
  boolean isComplete() {
    return isComplete;
  }

  /** Errors of the given kind. */
  Counter errors(RedisErrorKind kind) {
    return Objects.requireNonNull(errors.get(kind));
  }
}
