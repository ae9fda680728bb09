/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.DecodedEvent;
import io.claimstream.connect.source.decode.EntryDecoder;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.lane.SourcePartition;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Factory of source records for entries. Task thread only. */
public final class SourceRecordFactory {
  private final EntryDecoder decoder;
  private final TopicTemplate topics;
  private final RecordTime recordTime;
  private final TimestampCheck times;
  private final SizeLimit sizeLimit;
  private final InstantSource clock;
  private final Map<SourcePartition, Map<String, String>> partitions = new HashMap<>();

  /**
   * Creates a factory.
   *
   * @param times logs times that look wrong
   * @param sizeLimit limit above which an entry is a bad entry
   */
  public SourceRecordFactory(
      EntryDecoder decoder,
      TopicTemplate topics,
      RecordTime recordTime,
      TimestampCheck times,
      SizeLimit sizeLimit,
      InstantSource clock) {
    this.decoder = decoder;
    this.topics = topics;
    this.recordTime = recordTime;
    this.times = times;
    this.sizeLimit = sizeLimit;
    this.clock = clock;
  }

  /**
   * Creates the record of an entry.
   *
   * @param partition source partition of the consumer that owns the entry
   * @param tracker tracker to which delivery is reported
   * @param failuresBefore Connect's current failure count; NaN if unknown
   * @throws BadEntryException if the entry cannot be decoded into an event
   */
  public EventRecord record(
      SourcePartition partition, StreamEntry entry, AckTracker tracker, double failuresBefore)
      throws BadEntryException {
    EventContent event = content(partition.stream(), entry);
    return new EventRecord(
        tracker,
        entry,
        partitions.computeIfAbsent(partition, SourcePartition::toMap),
        event.content(),
        event.millis(),
        failuresBefore);
  }

  /**
   * Decodes an entry of a stream into what Kafka stores of it.
   *
   * @throws BadEntryException if the entry cannot be decoded into an event
   */
  public EventContent content(String stream, StreamEntry entry) throws BadEntryException {
    requireWithinLimit(stream, entry, sizeLimit.excess(entry));
    DecodedEvent event = decoder.decode(stream, entry);
    requireWithinLimit(stream, entry, sizeLimit.excess(entry, event.key(), event.value()));
    if (topics.usesType() && event.type().isEmpty()) {
      throw new BadEntryException(
          stream, entry.id(), null, "has no type, which the setting 'topic' requires (${type})");
    }
    TopicTemplate.Topic topic = topics.topic(stream, event.type());
    String refusal = topic.refusal();
    if (refusal != null) {
      throw new BadEntryException(stream, entry.id(), null, "has a type that " + refusal);
    }
    long now = clock.millis();
    Long own = event.timestampMillis();
    if (own != null) {
      times.event(stream, entry.id(), own, now);
    }
    long timestamp = timestamp(own, entry.id().millis(), now);
    times.record(stream, entry.id(), topic.name(), timestamp, now);
    return new EventContent(
        new RecordContent(
            topic.name(),
            event.key(),
            event.valueSchema(),
            event.value(),
            timestamp,
            event.headers()),
        own == null ? entry.id().millis() : own);
  }

  private static void requireWithinLimit(String stream, StreamEntry entry, @Nullable String excess)
      throws BadEntryException {
    if (excess != null) {
      throw new BadEntryException(stream, entry.id(), null, excess);
    }
  }

  /** Returns a timestamp that Kafka accepts. The event time stays in the value. */
  private long timestamp(@Nullable Long own, long idMillis, long now) {
    if (recordTime == RecordTime.EVENT && own != null && TimestampCheck.isLikely(own, now)) {
      return own;
    }
    return recordTime != RecordTime.READ && TimestampCheck.isTaken(idMillis, now) ? idMillis : now;
  }
}
