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
import io.claimstream.connect.sink.write.StreamAppend;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task's metrics for one stream, or for the keys of a read model. Values that Redis was not asked
 * for lately, or does not report, are NaN and never 0. Written by the task's thread, readable by
 * any thread.
 */
public final class StreamMetrics {
  /** Counters by the names of their metrics. */
  public enum Count {
    WRITTEN("records-written", "Records written"),
    DELETED("keys-deleted", "Records without a value among them, which deleted their key"),
    SKIPPED("records-skipped", "Records that were written already"),
    REWOUND(
        "offsets-rewound", "Offsets read again from Kafka because Redis had lost their records"),
    MISSING("offsets-missing", "Offsets of records that Redis had lost and Kafka no longer has"),
    TOMBSTONES("tombstones-ignored", "Records without a value that were skipped"),
    DEAD_LETTERS("dead-letters", "Records dead-lettered"),
    HELD(
        "commits-held",
        "Commits that held offsets back because replicas or append-only files of Redis did not have"
            + " the writes");

    private final String name;
    private final String what;

    /**
     * Returns whether a task that writes streams, or else one that writes keys, has the counter.
     */
    private boolean isOf(boolean isStream) {
      return this != (isStream ? DELETED : TOMBSTONES);
    }

    Count(String name, String what) {
      this.name = name;
      this.what = what;
    }
  }

  private final String stream;
  private final boolean isStream;
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

  StreamMetrics(
      TaskMetrics task, String tag, String stream, OutageBreaker breaker, InstantSource clock) {
    this.stream = stream;
    this.isStream = tag.equals("stream");
    this.clock = clock;
    TaskMetrics.Tagged metrics = task.tagged(tag, stream);
    for (Count count : Count.values()) {
      if (count.isOf(isStream)) {
        counters.put(count, metrics.counter(count.name, count.what));
      }
    }
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of the kind " + name));
    }
    this.writeLatency = metrics.timing("write-latency", "Time that one write blocked the task");
    this.eventTimeLag =
        metrics.timing("event-time-lag", "Age of a record by its timestamp when it is written");
    if (isStream) {
      metrics.gauge(
          "stream-length", "Entries in the stream", () -> breaker.isOut() ? Double.NaN : length);
    }
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

  /** Returns the stream's key, or the template of the keys. */
  public String stream() {
    return stream;
  }

  /** Returns the commands that sample Redis every few seconds. */
  public List<Command> questions() {
    List<Command> questions = new ArrayList<>();
    if (isStream) {
      questions.add(Command.of("XLEN", stream));
    }
    if (!isMemoryRefused) {
      questions.add(MemoryUse.command());
    }
    return questions;
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
    Iterator<@Nullable Object> next = replies.iterator();
    if (isStream) {
      length = next.next() instanceof Long entries ? (double) entries : Double.NaN;
    }
    if (next.hasNext()) {
      Object reply = next.next();
      isMemoryRefused |= reply instanceof ErrorReply;
      memory = MemoryUse.ratio(reply).orElse(Double.NaN);
    }
  }

  /** Counts records that were written, and those among them that deleted their key. */
  public void written(List<StreamAppend> appends) {
    add(Count.WRITTEN, appends.size());
    if (!isStream) {
      add(Count.DELETED, appends.stream().filter(StreamAppend::isTombstone).count());
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
