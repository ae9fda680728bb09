/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.RecordContent;

/** Dead letter of an entry, as a record for the dead letter topic. */
public final class DeadLetterRecord extends EntryRecord {
  private final Failure failure;

  DeadLetterRecord(
      AckTracker tracker,
      StreamEntry entry,
      SourcePartition partition,
      EntryId offset,
      RecordContent content,
      Failure failure) {
    super(tracker, entry, partition.toMap(), offset, content);
    this.failure = failure;
  }

  /** The reason for dead-lettering the entry. */
  public Failure failure() {
    return failure;
  }
}
