/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Map;

/** The event of an entry. */
public final class EventRecord extends EntryRecord {
  private final long eventMillis;
  private final double failuresBefore;

  EventRecord(
      AckTracker tracker,
      StreamEntry entry,
      Map<String, String> partition,
      RecordContent content,
      long eventMillis,
      double failuresBefore) {
    super(tracker, entry, partition, entry.id(), content);
    this.eventMillis = eventMillis;
    this.failuresBefore = failuresBefore;
  }

  /** The event time, or when Redis got the entry if it has none; milliseconds since 1970. */
  public long eventMillis() {
    return eventMillis;
  }

  /** Connect's count of failures when it got this record; NaN if that is not known. */
  public double failuresBefore() {
    return failuresBefore;
  }
}
