/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells, once for each stream, of times that a producer hardly meant and of records that Kafka
 * would delete soon after they arrive. Task thread only.
 */
public final class TimestampCheck {
  private static final Logger LOG = LoggerFactory.getLogger(TimestampCheck.class);

  /** Of a broker that nobody configured: log.retention.hours=168. */
  private static final Duration STOCK_RETENTION = Duration.ofDays(7);

  /** Half of the hour that brokers allow by default (message.timestamp.after.max.ms, KIP-937). */
  private static final Duration FURTHEST_AHEAD = Duration.ofMinutes(30);

  /** What lies before is a number in another unit, or a default of 0. */
  private static final long EARLIEST = Instant.parse("1990-01-01T00:00:00Z").toEpochMilli();

  private final String field;
  private final Optional<Duration> retention;
  private final InstantSource clock;
  private final Set<String> unlikely = new HashSet<>();
  private final Set<String> old = new HashSet<>();

  /**
   * A check.
   *
   * @param field that holds the event time (event.timestamp.field)
   * @param retentionMillis of the topics that Connect creates; negative = for ever; null if that is
   *     the broker's business
   */
  public TimestampCheck(String field, @Nullable Long retentionMillis, InstantSource clock) {
    this.field = field;
    this.retention =
        retentionMillis == null
            ? Optional.of(STOCK_RETENTION)
            : Optional.of(retentionMillis).filter(ms -> ms >= 0).map(Duration::ofMillis);
    this.clock = clock;
  }

  /** Whether Kafka takes a record with that time, and it can be what was meant. */
  boolean isLikely(long millis) {
    return millis >= EARLIEST && isTaken(millis);
  }

  /** Whether Kafka takes a record with that time: not with one before 1970 or in the future. */
  boolean isTaken(long millis) {
    return millis >= 0 && millis <= clock.millis() + FURTHEST_AHEAD.toMillis();
  }

  /** Looks at an event's own time. */
  void event(String stream, EntryId id, long millis) {
    if (!isLikely(millis) && unlikely.add(stream)) {
      LOG.warn(
          "entry {} of stream '{}': field '{}' (event.timestamp.field) reads as {}. Is it in another"
              + " unit? A number is taken as seconds, milliseconds, microseconds or nanoseconds since"
              + " 1970, by its size. The event leaves with that time in its value;"
              + " the record's timestamp is another one. Told once for each stream.",
          id,
          stream,
          field,
          Instant.ofEpochMilli(millis));
    }
  }

  /** Looks at the timestamp that a record gets. */
  void record(String stream, EntryId id, String topic, long millis) {
    if (retention.isPresent()
        && millis < clock.millis() - retention.get().toMillis()
        && old.add(stream)) {
      LOG.warn(
          "entry {} of stream '{}': its record for topic '{}' has the timestamp {}. A topic that"
              + " keeps records for {} days deletes it soon: set record.timestamp=read, or give the"
              + " topic a longer retention.ms (topic.creation.default.retention.ms for topics that"
              + " Connect creates). Told once for each stream.",
          id,
          stream,
          topic,
          Instant.ofEpochMilli(millis),
          retention.get().toDays());
    }
  }
}
