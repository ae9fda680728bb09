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
 * What a task counts and measures on one stream. What Redis was not asked lately, or cannot tell,
 * is NaN and never 0. Written by the task's thread, read by any.
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

  /** A user without the right is not asked for again and again: Redis logs each refusal. */
  private boolean isMemoryRefused;

  private volatile double length = Double.NaN;
  private volatile double memory = Double.NaN;

  StreamMetrics(TaskMetrics task, String stream, OutageBreaker breaker, InstantSource clock) {
    this.stream = stream;
    this.clock = clock;
    TaskMetrics.Tagged metrics = task.tagged("stream", stream);
    this.written = metrics.counter("records-written", "Records appended to the stream");
    this.skipped = metrics.counter("records-skipped", "Records that were in the stream already");
    this.rewound =
        metrics.counter(
            "offsets-rewound",
            "Offsets read from Kafka again because Redis had lost their records");
    this.missing =
        metrics.counter(
            "offsets-missing", "Offsets whose records Redis had lost and Kafka no longer has");
    this.tombstones =
        metrics.counter("tombstones-ignored", "Records without a value that were passed over");
    this.deadLetters = metrics.counter("dead-letters", "Records put aside");
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of the kind " + name));
    }
    this.writeLatency =
        metrics.timing("write-latency", "Time that the task was held up by one write");
    this.eventTimeLag =
        metrics.timing("event-time-lag", "Age of a record, by its timestamp, when it is written");
    metrics.gauge(
        "stream-length", "Entries in the stream", () -> breaker.isOut() ? Double.NaN : length);
    metrics.gauge(
        "redis-memory-ratio",
        "Memory that Redis uses, as a part of its maxmemory",
        () -> breaker.isOut() ? Double.NaN : memory);
    metrics.gauge(
        "breaker-state",
        "Whether Redis is asked: 0 = closed, it is; 1 = half open, one try is on its way; 2 = open",
        () -> breaker.state().figure());
  }

  /** The stream's key. */
  public String stream() {
    return stream;
  }

  /** What to ask Redis every few seconds. */
  public List<Command> questions() {
    return isMemoryRefused
        ? List.of(Command.of("XLEN", stream))
        : List.of(Command.of("XLEN", stream), MemoryUse.command());
  }

  /** The task has nothing to do with the stream any more. */
  public void unknown() {
    length = Double.NaN;
    memory = Double.NaN;
  }

  /** Takes the replies to {@link #questions}; what the user has no right to stays unknown. */
  public void sampled(List<@Nullable Object> replies) {
    length = replies.get(0) instanceof Long entries ? (double) entries : Double.NaN;
    if (replies.size() > 1) {
      isMemoryRefused |= replies.get(1) instanceof ErrorReply;
      memory = MemoryUse.ratio(replies.get(1)).orElse(Double.NaN);
    }
  }

  /** Records appended. */
  public Counter written() {
    return written;
  }

  /** Records that were there already. */
  public Counter skipped() {
    return skipped;
  }

  /** Offsets read from Kafka again because Redis had lost their records. */
  public Counter rewound() {
    return rewound;
  }

  /** Offsets whose records Redis had lost and Kafka no longer has. */
  public Counter missing() {
    return missing;
  }

  /** Records without a value. */
  public Counter tombstones() {
    return tombstones;
  }

  /** Records put aside. */
  public Counter deadLetters() {
    return deadLetters;
  }

  /** Errors of that kind. */
  public Counter errors(RedisErrorKind kind) {
    return Objects.requireNonNull(errors.get(kind));
  }

  /** Notes one write. */
  public void wrote(Duration took, @Nullable Long recordTimestamp) {
    writeLatency.record(took.toNanos() / 1e6);
    if (recordTimestamp != null && recordTimestamp >= 0) {
      eventTimeLag.record(Math.max(0.0, (double) (clock.millis() - recordTimestamp)));
    }
  }
}
