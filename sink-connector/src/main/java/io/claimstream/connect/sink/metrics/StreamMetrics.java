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
  /** Counters by the names of their metrics. */
  public enum Count {
    WRITTEN("records-written", "Records appended to the stream"),
    SKIPPED("records-skipped", "Records already in the stream"),
    REWOUND(
        "offsets-rewound", "Offsets read again from Kafka because Redis had lost their records"),
    MISSING("offsets-missing", "Offsets of records that Redis had lost and Kafka no longer has"),
    TOMBSTONES("tombstones-ignored", "Records without a value that were skipped"),
    DEAD_LETTERS("dead-letters", "Records dead-lettered");

    private final String name;
    private final String what;

    Count(String name, String what) {
      this.name = name;
      this.what = what;
    }
  }

  private final String stream;
  private final InstantSource clock;
  private final Map<Count, Counter> counters = new EnumMap<>(Count.class);
  private final Map<RedisErrorKind, Counter> errors = new EnumMap<>(RedisErrorKind.class);
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
    for (Count count : Count.values()) {
      counters.put(count, metrics.counter(count.name, count.what));
    }
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

  /** Adds to a counter. */
  public void add(Count count, long more) {
    Objects.requireNonNull(counters.get(count)).add(more);
  }

  /** Counts an error of that kind. */
  public void error(RedisErrorKind kind) {
    Objects.requireNonNull(errors.get(kind)).add(1);
  }

  /** Records one write. */
  public void wrote(Duration took, @Nullable Long recordTimestamp) {
    writeLatency.record(took.toNanos() / 1e6);
    if (recordTimestamp != null && recordTimestamp >= 0) {
      eventTimeLag.record(Math.max(0.0, (double) (clock.millis() - recordTimestamp)));
    }
  }
}
