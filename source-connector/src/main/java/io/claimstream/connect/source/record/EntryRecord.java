/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.deadletter.Failure;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A source record that remembers the entry it was made from.
 *
 * <p>Connect hands the very object that poll returned to commitRecord, before any transform, so
 * nothing has to be looked up there.
 */
public final class EntryRecord extends SourceRecord {
  private final AckTracker tracker;
  private final int era;
  private final StreamEntry entry;
  private final long eventMillis;
  private final @Nullable Failure failure;
  private final double failuresBefore;
  private volatile boolean confirmed;

  EntryRecord(
      AckTracker tracker,
      StreamEntry entry,
      Map<String, String> partition,
      Map<String, ?> offset,
      String topic,
      @Nullable Schema keySchema,
      @Nullable Object key,
      Schema valueSchema,
      Object value,
      Long timestamp,
      long eventMillis,
      @Nullable Headers headers,
      @Nullable Failure failure,
      double failuresBefore) {
    super(partition, offset, topic, null, keySchema, key, valueSchema, value, timestamp, headers);
    this.tracker = tracker;
    this.era = tracker.era();
    this.entry = entry;
    this.eventMillis = eventMillis;
    this.failure = failure;
    this.failuresBefore = failuresBefore;
  }

  /** Who has to know when Kafka has this record. */
  public AckTracker tracker() {
    return tracker;
  }

  /** Tells its tracker that nothing more has to become of it than an acknowledgement. */
  public void delivered() {
    tracker.delivered(id(), era);
  }

  /** Whether Redis forgot the entry since: its id may be another one's now. */
  public boolean isForsaken() {
    return tracker.isForsaken(id(), era);
  }

  /** Notes that Connect has told what became of this record. */
  public void confirmed() {
    confirmed = true;
  }

  /** Whether Connect has told what became of this record. */
  public boolean isConfirmed() {
    return confirmed;
  }

  /** The entry as Redis gave it. */
  public StreamEntry entry() {
    return entry;
  }

  /** The event time, or when Redis got the entry if it has none; milliseconds since 1970. */
  public long eventMillis() {
    return eventMillis;
  }

  /** Why this is a dead letter; null if it is the event. */
  public @Nullable Failure failure() {
    return failure;
  }

  /** How many failures Connect had counted when it got this record; NaN if that is not known. */
  public double failuresBefore() {
    return failuresBefore;
  }

  /** The entry's id. */
  public EntryId id() {
    return entry.id();
  }

  // two entries may look alike in every field; they are still two records
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
