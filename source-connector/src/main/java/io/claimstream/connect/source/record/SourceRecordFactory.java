/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.DecodedEvent;
import io.claimstream.connect.source.decode.EntryDecoder;
import io.claimstream.connect.source.lane.SourceOffset;
import io.claimstream.connect.source.lane.SourcePartition;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;

/** Makes source records of entries. Task thread only. */
public final class SourceRecordFactory {
  private final EntryDecoder decoder;
  private final TopicTemplate topics;
  private final RecordTime recordTime;
  private final int maxBytes;
  private final Map<SourcePartition, Map<String, String>> partitions = new HashMap<>();

  /**
   * A factory of records in these topics, with that time.
   *
   * @param maxBytes an entry with more bytes than this is a bad one; 0 = no limit
   */
  public SourceRecordFactory(
      EntryDecoder decoder, TopicTemplate topics, RecordTime recordTime, int maxBytes) {
    this.decoder = decoder;
    this.topics = topics;
    this.recordTime = recordTime;
    this.maxBytes = maxBytes;
  }

  /**
   * The record of an entry.
   *
   * @param partition of the consumer that owns the entry
   * @param tracker who has to know when Kafka has it
   * @throws BadEntryException if no event can be made of the entry
   */
  public EntryRecord record(SourcePartition partition, StreamEntry entry, AckTracker tracker)
      throws BadEntryException {
    if (maxBytes > 0 && entry.bytes() > maxBytes) {
      throw new BadEntryException(
          partition.stream(),
          entry.id(),
          null,
          "has "
              + entry.bytes()
              + " bytes, more than event.max.bytes: raise it together with"
              + " producer.override.max.request.size and the topic's max.message.bytes");
    }
    DecodedEvent event = decoder.decode(partition.stream(), entry);
    if (topics.usesType() && event.type().isEmpty()) {
      throw new BadEntryException(
          partition.stream(), entry.id(), null, "has no type, which the setting 'topic' asks for");
    }
    String key = event.key();
    return new EntryRecord(
        tracker,
        entry,
        partitions.computeIfAbsent(partition, SourcePartition::toMap),
        new SourceOffset(entry.id()).toMap(),
        topics.topic(partition.stream(), event.type()),
        key == null ? null : Schema.STRING_SCHEMA,
        key,
        event.valueSchema(),
        event.value(),
        timestamp(event, entry),
        null,
        null);
  }

  /**
   * The record of a dead letter.
   *
   * @param offset what Connect's offset becomes with it
   * @param tracker who has to know when Kafka has it
   */
  public EntryRecord deadLetter(
      SourcePartition partition,
      StreamEntry entry,
      EntryId offset,
      AckTracker tracker,
      DeadLetterTopic.Letter letter,
      Failure failure) {
    return new EntryRecord(
        tracker,
        entry,
        partitions.computeIfAbsent(partition, SourcePartition::toMap),
        new SourceOffset(offset).toMap(),
        letter.topic(),
        letter.key() == null ? null : Schema.STRING_SCHEMA,
        letter.key(),
        letter.value().schema(),
        letter.value(),
        letter.timeMillis(),
        letter.headers(),
        failure);
  }

  private long timestamp(DecodedEvent event, StreamEntry entry) {
    Long own = event.timestampMillis();
    // Kafka refuses negative timestamps; the event's own stays in the value
    return recordTime == RecordTime.EVENT && own != null && own >= 0 ? own : entry.id().millis();
  }
}
