/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warnings, once per stream, about implausible event times and about records that Kafka would
 * delete soon after they arrive. Task thread only.
 */
public final class TimestampCheck {
  private static final Logger LOG = LoggerFactory.getLogger(TimestampCheck.class);

  /** Default retention of a broker: log.retention.hours=168. */
  private static final Duration STOCK_RETENTION = Duration.ofDays(7);

  /** Half of the hour that brokers allow by default (message.timestamp.after.max.ms, KIP-937). */
  private static final long FURTHEST_AHEAD = Duration.ofMinutes(30).toMillis();

  /** Earliest plausible time; an earlier one is a number in another unit, or a default of 0. */
  private static final long EARLIEST = Instant.parse("1990-01-01T00:00:00Z").toEpochMilli();

  private final String field;
  private final Optional<Duration> retention;
  private final Set<String> unlikely = new HashSet<>();
  private final Set<String> old = new HashSet<>();

  /**
   * Creates a check.
   *
   * @param field field that holds the event time ({@code event.timestamp.field})
   * @param retentionMillis retention of topics that Connect creates; negative = unlimited; null =
   *     the broker's default
   */
  public TimestampCheck(String field, @Nullable Long retentionMillis) {
    this.field = field;
    this.retention =
        retentionMillis == null
            ? Optional.of(STOCK_RETENTION)
            : Optional.of(retentionMillis).filter(ms -> ms >= 0).map(Duration::ofMillis);
  }

  /** Whether Kafka accepts a record with a time now, and the time is plausible. */
  static boolean isLikely(long millis, long now) {
    return millis >= EARLIEST && isTaken(millis, now);
  }

  /** Whether Kafka accepts a record with a time now: not before 1970 and not in the future. */
  static boolean isTaken(long millis, long now) {
    return millis >= 0 && millis <= now + FURTHEST_AHEAD;
  }

  /** Checks an event time. */
  void event(String stream, EntryId id, long millis, long now) {
    if (!isLikely(millis, now) && unlikely.add(stream)) {
      LOG.warn(
          "entry {} of stream '{}': field '{}' (event.timestamp.field) was parsed as {}, which is"
              + " implausible; check its unit. A number is read as seconds, milliseconds,"
              + " microseconds or nanoseconds since 1970, depending on its size. The event keeps"
              + " that time in its value, but the record gets another timestamp. This warning is"
              + " logged once per stream.",
          id,
          stream,
          field,
          Instant.ofEpochMilli(millis));
    }
  }

  /** Checks the timestamp of a record. */
  void record(String stream, EntryId id, String topic, long millis, long now) {
    if (retention.isPresent() && millis < now - retention.get().toMillis() && old.add(stream)) {
      LOG.warn(
          "entry {} of stream '{}': its record for topic '{}' has the timestamp {}. A topic with a"
              + " retention of {} days deletes such a record soon: set record.timestamp=read, or"
              + " raise the topic's retention.ms (topic.creation.default.retention.ms for topics"
              + " that Connect creates). This warning is logged once per stream.",
          id,
          stream,
          topic,
          Instant.ofEpochMilli(millis),
          retention.get().toDays());
    }
  }
}
