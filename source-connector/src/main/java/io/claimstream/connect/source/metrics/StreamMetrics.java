/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.metrics.Timing;
import io.claimstream.connect.redis.retry.OutageBreaker;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.time.TaskClock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a task counts and measures on one stream, over all lanes it has there. What Redis was not
 * asked lately, or cannot tell, is NaN and never 0. Safe for use by several threads.
 */
public final class StreamMetrics {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final TaskClock clock;
  private final List<OutageBreaker> breakers = new CopyOnWriteArrayList<>();
  private final List<IntSupplier> inFlight = new CopyOnWriteArrayList<>();
  private final Map<RedisErrorKind, Counter> errors = new EnumMap<>(RedisErrorKind.class);
  private final Counter read;
  private final Counter produced;
  private final Counter acknowledged;
  private final Counter recovered;
  private final Counter claimed;
  private final Counter trimmed;
  private final Counter deadLetters;
  private final Timing readLatency;
  private final Timing ackLatency;
  private final Timing eventTimeLag;
  private final StreamSampler sampler;
  private volatile @Nullable StreamSample sample;
  private volatile Instant nextSample = Instant.MIN;

  /** Publishes the metrics of one stream and group. */
  public StreamMetrics(TaskMetrics task, String stream, String group, TaskClock clock) {
    TaskMetrics.Tagged metrics = task.tagged("stream", stream, "group", group);
    this.clock = clock;
    this.sampler = new StreamSampler(stream, group);
    this.read = metrics.counter("entries-read", "New entries that Redis delivered");
    this.produced = metrics.counter("records-produced", "Records that Kafka has confirmed");
    this.acknowledged = metrics.counter("entries-acknowledged", "Entries acknowledged to Redis");
    this.recovered =
        metrics.counter("entries-recovered", "Pending entries read again, to be emitted");
    this.claimed =
        metrics.counter(
            "entries-taken-over", "Entries taken over from consumers of other programs");
    this.trimmed =
        metrics.counter("entries-trimmed", "Entries that Redis trimmed before they reached Kafka");
    this.deadLetters = metrics.counter("dead-letters", "Entries put aside");
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of the kind " + name));
    }
    this.readLatency =
        metrics.timing(
            "read-latency",
            "Time a task waits for Redis' reply to a read that does not wait for new entries");
    this.ackLatency =
        metrics.timing(
            "ack-latency",
            "Time from Kafka's confirmation until the entry is acknowledged to Redis");
    this.eventTimeLag =
        metrics.timing("event-time-lag", "Age of an event, by its own time, when it is emitted");
    metrics.gauge("group-lag", "Entries the group has not read", sampled(s -> known(s.lag())));
    metrics.gauge(
        "pending-entries",
        "Entries read by the group and not acknowledged",
        sampled(s -> known(s.pending())));
    metrics.gauge(
        "oldest-pending-age-ms",
        "Age of the oldest entry that is not acknowledged, in milliseconds",
        sampled(this::oldestPendingAge));
    metrics.gauge("stream-length", "Entries in the stream", sampled(s -> known(s.length())));
    metrics.gauge(
        "redis-memory-ratio",
        "Memory that Redis uses, as a part of its maxmemory",
        sampled(s -> s.memory().orElse(Double.NaN)));
    metrics.gauge(
        "in-flight-records",
        "Records handed to Connect that Kafka has not confirmed",
        () -> inFlight.stream().mapToInt(IntSupplier::getAsInt).sum());
    metrics.gauge(
        "breaker-state",
        "Whether Redis is asked: 0 = closed, it is; 1 = half open, one try is on its way; 2 = open",
        () -> breakers.stream().mapToInt(b -> b.state().value()).max().orElse(0));
  }

  private DoubleSupplier sampled(ToDoubleFunction<StreamSample> value) {
    return () -> {
      StreamSample last = sample;
      boolean known = last != null && breakers.stream().noneMatch(OutageBreaker::isOut);
      return known ? value.applyAsDouble(last) : Double.NaN;
    };
  }

  private static double known(OptionalLong value) {
    return value.isPresent() ? (double) value.getAsLong() : Double.NaN;
  }

  private double oldestPendingAge(StreamSample last) {
    EntryId oldest = last.oldestPending();
    if (last.pending().isEmpty()) {
      return Double.NaN;
    }
    return oldest == null ? 0 : Math.max(0.0, (double) (clock.millis() - oldest.millis()));
  }

  /** Also watches one more lane. */
  public void watch(OutageBreaker breaker, IntSupplier recordsInFlight) {
    breakers.add(breaker);
    inFlight.add(recordsInFlight);
  }

  /**
   * What to ask Redis beside something else; nothing unless some seconds have passed since. The
   * replies, whatever they are, go to {@link #sampled}.
   */
  public List<Command> dueQuestions() {
    Instant now = clock.steady().instant();
    if (now.isBefore(nextSample)) {
      return List.of();
    }
    nextSample = now.plus(INTERVAL);
    return sampler.commands();
  }

  /** Takes the replies to {@link #dueQuestions}. */
  public void sampled(List<@Nullable Object> replies) {
    if (!replies.isEmpty()) {
      sample = sampler.sample(replies);
    }
  }

  /** New entries that Redis delivered. */
  public Counter read() {
    return read;
  }

  /** Records that Kafka has confirmed. */
  public Counter produced() {
    return produced;
  }

  /** Entries acknowledged to Redis. */
  public Counter acknowledged() {
    return acknowledged;
  }

  /** Pending entries that were read again. */
  public Counter recovered() {
    return recovered;
  }

  /** Entries of other programs' consumers. */
  public Counter claimed() {
    return claimed;
  }

  /** Entries whose content is gone. */
  public Counter trimmed() {
    return trimmed;
  }

  /** Entries put aside. */
  public Counter deadLetters() {
    return deadLetters;
  }

  /** Errors of that kind. */
  public Counter errors(RedisErrorKind kind) {
    return Objects.requireNonNull(errors.get(kind));
  }

  /** How long Redis takes to deliver. */
  public Timing readLatency() {
    return readLatency;
  }

  /** How long an entry that Kafka has stays unacknowledged. */
  public Timing ackLatency() {
    return ackLatency;
  }

  /** How old events are when they are emitted. */
  public Timing eventTimeLag() {
    return eventTimeLag;
  }
}
