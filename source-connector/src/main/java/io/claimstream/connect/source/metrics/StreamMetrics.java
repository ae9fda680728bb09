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
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.metrics.StreamSampler.Sample;
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
 * Metrics of a task for one stream, over all its lanes on that stream. A value that was not sampled
 * recently, or that Redis does not report, is NaN and never 0. Safe for use by several threads.
 */
public final class StreamMetrics {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final TaskClock clock;
  private final List<OutageBreaker> breakers = new CopyOnWriteArrayList<>();
  private final List<IntSupplier> inFlight = new CopyOnWriteArrayList<>();
  private final Map<RedisErrorKind, Counter> errors = new EnumMap<>(RedisErrorKind.class);
  private final Counter read;
  private final Counter filtered;
  private final Counter produced;
  private final Counter acknowledged;
  private final Counter recovered;
  private final Counter takenOver;
  private final Counter trimmed;
  private final Counter removed;
  private final Counter deadLetters;
  private final Timing readLatency;
  private final Timing ackLatency;
  private final Timing eventTimeLag;
  private final StreamSampler sampler;
  private volatile @Nullable Sample sample;
  private volatile Instant nextSample = Instant.MIN;

  /** Registers the metrics of one stream and group. */
  public StreamMetrics(TaskMetrics task, ConsumerGroup group, TaskClock clock) {
    TaskMetrics.Tagged metrics = task.tagged("stream", group.stream(), "group", group.name());
    this.clock = clock;
    this.sampler = new StreamSampler(group);
    this.read = metrics.counter("entries-read", "New entries delivered by Redis");
    this.filtered =
        metrics.counter("entries-filtered", "Entries that event.filter does not accept");
    this.produced = metrics.counter("records-produced", "Records confirmed by Kafka");
    this.acknowledged = metrics.counter("entries-acknowledged", "Entries acknowledged to Redis");
    this.recovered =
        metrics.counter("entries-recovered", "Pending entries that were read again to be emitted");
    this.takenOver =
        metrics.counter("entries-taken-over", "Entries taken over from other programs' consumers");
    this.trimmed =
        metrics.counter(
            "entries-trimmed", "Entries trimmed from the stream before they reached Kafka");
    this.removed =
        metrics.counter(
            "entries-removed",
            "Entries that every group had acknowledged and this connector removed from the stream");
    this.deadLetters = metrics.counter("dead-letters", "Entries that were dead-lettered");
    for (RedisErrorKind kind : RedisErrorKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      errors.put(kind, metrics.counter("errors-" + name, "Errors of kind " + name));
    }
    this.readLatency =
        metrics.timing(
            "read-latency", "Time that a task waits for the reply to a non-blocking read");
    this.ackLatency =
        metrics.timing(
            "ack-latency",
            "Time from Kafka's confirmation of a record to the acknowledgement of its entry");
    this.eventTimeLag =
        metrics.timing("event-time-lag", "Age of an event, by its event time, when it is emitted");
    metrics.gauge(
        "group-lag", "Entries that the group has not read yet", sampled(s -> known(s.lag())));
    metrics.gauge(
        "pending-entries",
        "Entries that the group has read but not acknowledged",
        sampled(s -> known(s.pending())));
    metrics.gauge(
        "oldest-pending-age-ms",
        "Age in milliseconds of the oldest pending entry, by the time in its id",
        sampled(this::oldestPendingAge));
    metrics.gauge("stream-length", "Entries in the stream", sampled(s -> known(s.length())));
    metrics.gauge(
        "redis-memory-ratio",
        "Memory used by Redis, as a fraction of its maxmemory",
        sampled(s -> s.memory().orElse(Double.NaN)));
    metrics.gauge(
        "in-flight-records",
        "Records handed to Connect and not confirmed by Kafka yet",
        () -> inFlight.stream().mapToInt(IntSupplier::getAsInt).sum());
    metrics.gauge(
        "breaker-state",
        "State of the circuit breaker for Redis: 0 = closed; 1 = half-open, one attempt is in"
            + " progress; 2 = open, no attempts",
        () -> breakers.stream().mapToInt(b -> b.state().value()).max().orElse(0));
  }

  private DoubleSupplier sampled(ToDoubleFunction<Sample> value) {
    return () -> {
      Sample last = sample;
      boolean known = last != null && breakers.stream().noneMatch(OutageBreaker::isOut);
      return known ? value.applyAsDouble(last) : Double.NaN;
    };
  }

  private static double known(OptionalLong value) {
    return value.isPresent() ? (double) value.getAsLong() : Double.NaN;
  }

  private double oldestPendingAge(Sample last) {
    EntryId oldest = last.oldestPending();
    if (last.pending().isEmpty()) {
      return Double.NaN;
    }
    return oldest == null ? 0 : Math.max(0.0, (double) (clock.millis() - oldest.millis()));
  }

  /** Includes one more lane. */
  public void watch(OutageBreaker breaker, IntSupplier recordsInFlight) {
    breakers.add(breaker);
    inFlight.add(recordsInFlight);
  }

  /**
   * Returns the commands that sample the stream, to be sent along with others; none if the last
   * sample is only seconds old. Pass their replies, including errors, to {@link #sampled}.
   */
  public List<Command> dueSamples() {
    Instant now = clock.steady().instant();
    if (now.isBefore(nextSample)) {
      return List.of();
    }
    nextSample = now.plus(INTERVAL);
    return sampler.commands();
  }

  /** Evaluates the replies to {@link #dueSamples}. */
  public void sampled(List<@Nullable Object> replies) {
    if (!replies.isEmpty()) {
      sample = sampler.sample(replies);
    }
  }

  /** New entries delivered by Redis. */
  public Counter read() {
    return read;
  }

  /** Entries that the filter does not accept. */
  public Counter filtered() {
    return filtered;
  }

  /** Records confirmed by Kafka. */
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

  /** Entries taken over from other programs' consumers. */
  public Counter takenOver() {
    return takenOver;
  }

  /** Entries that were lost: trimmed before they reached Kafka. */
  public Counter trimmed() {
    return trimmed;
  }

  /** Entries that the connector removed from the stream after every group had acknowledged them. */
  public Counter removed() {
    return removed;
  }

  /** Entries that were dead-lettered. */
  public Counter deadLetters() {
    return deadLetters;
  }

  /** Errors of the given kind. */
  public Counter errors(RedisErrorKind kind) {
    return Objects.requireNonNull(errors.get(kind));
  }

  /** Time that a task waits for the reply to a non-blocking read. */
  public Timing readLatency() {
    return readLatency;
  }

  /** Time from Kafka's confirmation of a record to the acknowledgement of its entry. */
  public Timing ackLatency() {
    return ackLatency;
  }

  /** Age of events when they are emitted. */
  public Timing eventTimeLag() {
    return eventTimeLag;
  }
}
