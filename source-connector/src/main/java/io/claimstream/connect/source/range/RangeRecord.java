/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.lane.SourceOffset;
import io.claimstream.connect.source.record.RecordContent;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Source record of an entry that was read without a consumer group: its event or dead letter. */
final class RangeRecord extends SourceRecord {
  private final RangeReader reader;
  private final long bytes;

  RangeRecord(RangeReader reader, StreamEntry entry, RecordContent content) {
    super(
        reader.partition(),
        new SourceOffset(entry.id(), 0).toMap(),
        content.topic(),
        null,
        content.key() == null ? null : Schema.STRING_SCHEMA,
        content.key(),
        content.schema(),
        content.value(),
        content.timestampMillis(),
        content.headers());
    this.reader = reader;
    this.bytes = entry.bytes();
  }

  /** The reader of the record's stream. */
  RangeReader reader() {
    return reader;
  }

  /** The size of the entry. */
  long bytes() {
    return bytes;
  }

  // records of two entries with equal fields are still two records
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
