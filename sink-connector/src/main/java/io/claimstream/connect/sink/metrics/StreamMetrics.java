/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.metrics.MemoryUse;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.metrics.Timing;
import io.claimstream.connect.redis.retry.OutageBreaker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task's metrics for one stream. Values that Redis was not asked for lately, or does not report,
 * are NaN and never 0. Written by the task's thread, readable by any thread.
 */
public final class StreamMetrics {
  private final String stream;
  private final InstantSource clock;
  private final Map<RedisErrorKind, Counter> errors = new EnumMap<>(RedisErrorKind.class);
  private final Counter written;
  private final Counter skipped;
  private final Counter rewound;
  private final Counter missing;
  private final Counter tombstones;
  private final Counter deadLetters;
  private final Timing writeLatency;
  private final Timing eventTimeLag;

  /**
   * Whether Redis refused to report its memory. The sample is not repeated, because Redis logs each
   * refusal.
   */
  private boolean isMemoryRefused;

  private volatile double length = Double.NaN;
  private volatile double memory = Double.NaN;

  StreamMetrics(TaskMetrics task, String stream, OutageBreaker breaker, InstantSource clock) {
    this.stream = stream;
    this.clock = clock;
    TaskMetrics.Tagged metrics = task.tagged("stream", stream);
    this.written = metrics.counter("records-written", "Records appended to the stream");
    this.skipped = metrics.counter("records-skipped", "Records already in the stream");
    this.rewound =
        metrics.counter(
            "offsets-rewound",
            "Offsets read again from Kafka because Redis had lost their records");
    this.missing =
        metrics.counter(
            "offsets-missing", "Offsets of records that Redis had lost and Kafka no longer has");
    this.tombstones =
        metrics.counter("tombstones-ignored", "Records without a value that were skipped");
    this.deadLetters = metrics.counter("dead-letters", "Records dead-lettered");
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of the kind " + name));
    }
    this.writeLatency = metrics.timing("write-latency", "Time that one write blocked the task");
    this.eventTimeLag =
        metrics.timing("event-time-lag", "Age of a record by its timestamp when it is written");
    metrics.gauge(
        "stream-length", "Entries in the stream", () -> breaker.isOut() ? Double.NaN : length);
    metrics.gauge(
        "redis-memory-ratio",
        "Fraction of maxmemory that Redis uses",
        () -> breaker.isOut() ? Double.NaN : memory);
    metrics.gauge(
        "breaker-state",
        "State of the circuit breaker for Redis: 0 = closed (calls allowed), 1 = half open (one"
            + " trial call in flight), 2 = open (no calls)",
        () -> breaker.state().value());
  }

  /** Returns the stream's key. */
  public String stream() {
    return stream;
  }

  /** Returns the commands that sample Redis every few seconds. */
  public List<Command> questions() {
    return isMemoryRefused
        ? List.of(Command.of("XLEN", stream))
        : List.of(Command.of("XLEN", stream), MemoryUse.command());
  }

  /** Resets the sampled values when the task no longer uses the stream. */
  public void unknown() {
    length = Double.NaN;
    memory = Double.NaN;
  }

  /**
   * Stores the replies to {@link #questions}; values that the Redis user may not read stay unknown.
   */
  public void sampled(List<@Nullable Object> replies) {
    length = replies.get(0) instanceof Long entries ? (double) entries : Double.NaN;
    if (replies.size() > 1) {
      isMemoryRefused |= replies.get(1) instanceof ErrorReply;
      memory = MemoryUse.ratio(replies.get(1)).orElse(Double.NaN);
    }
  }

  /** Returns the counter of appended records. */
  public Counter written() {
    return written;
  }

  /** Returns the counter of records that were in the stream already. */
  public Counter skipped() {
    return skipped;
  }

  /** Returns the counter of offsets read again from Kafka because Redis had lost their records. */
  public Counter rewound() {
    return rewound;
  }

  /** Returns the counter of offsets whose records Redis had lost and Kafka no longer has. */
  public Counter missing() {
    return missing;
  }

  /** Returns the counter of skipped tombstones. */
  public Counter tombstones() {
    return tombstones;
  }

  /** Returns the counter of dead-lettered records. */
  public Counter deadLetters() {
    return deadLetters;
  }

  /** Returns the counter of errors of that kind. */
  public Counter errors(RedisErrorKind kind) {
    return Objects.requireNonNull(errors.get(kind));
  }

  /** Records one write. */
  public void wrote(Duration took, @Nullable Long recordTimestamp) {
    writeLatency.record(took.toNanos() / 1e6);
    if (recordTimestamp != null && recordTimestamp >= 0) {
      eventTimeLag.record(Math.max(0.0, (double) (clock.millis() - recordTimestamp)));
    }
  }
}
