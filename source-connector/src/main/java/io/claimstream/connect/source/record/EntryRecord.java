/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Source record with a reference to its entry: the entry's event, or its dead letter.
 *
 * <p>Connect passes the same object that poll returned to commitRecord, before any transform, so no
 * lookup is needed there. Safe for use by several threads.
 */
public abstract class EntryRecord extends SourceRecord {
  private final AckTracker tracker;
  private final int era;
  private final StreamEntry entry;
  private final long bytes;
  private volatile boolean confirmed;

  /**
   * Creates a record of an entry.
   *
   * @param tracker tracker to which delivery is reported
   * @param partition Connect's source partition of the consumer that owns the entry
   * @param offset Connect's offset once the record is committed
   */
  protected EntryRecord(
      AckTracker tracker,
      StreamEntry entry,
      Map<String, String> partition,
      EntryId offset,
      RecordContent content) {
    super(
        partition,
        new SourceOffset(offset, tracker.epoch()).toMap(),
        content.topic(),
        null,
        content.key() == null ? null : Schema.STRING_SCHEMA,
        content.key(),
        content.schema(),
        content.value(),
        content.timestampMillis(),
        content.headers());
    this.tracker = tracker;
    this.era = tracker.era();
    this.entry = entry;
    this.bytes = entry.bytes();
  }

  /** The tracker to which this record's delivery is reported. */
  public AckTracker tracker() {
    return tracker;
  }

  /** Reports the record as delivered to its tracker, so that the entry is acknowledged. */
  public void delivered() {
    tracker.delivered(id(), era);
  }

  /** Whether Redis has lost the entry since; its id may now belong to another entry. */
  public boolean isAbandoned() {
    return tracker.isAbandoned(id(), era);
  }

  /** Records that Connect has reported this record as written or dropped. */
  public void confirmed() {
    confirmed = true;
  }

  /** Whether Connect has reported this record as written or dropped. */
  public boolean isConfirmed() {
    return confirmed;
  }

  /** The entry as read from Redis. */
  public StreamEntry entry() {
    return entry;
  }

  /**
   * The length of the entry's names and values. Counted once: when the record is committed, the
   * arrays have long left the processor's cache.
   */
  public long bytes() {
    return bytes;
  }

  /** The entry's id. */
  public EntryId id() {
    return entry.id();
  }

  // records of two entries with equal fields are still two records
  @Override
  public final boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public final int hashCode() {
    return System.identityHashCode(this);
  }
}
