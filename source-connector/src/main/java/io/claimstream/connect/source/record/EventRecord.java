/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Map;

/** Event of an entry, as a source record. */
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

  /** The event time or, if there is none, the time in the entry's id; milliseconds since 1970. */
  public long eventMillis() {
    return eventMillis;
  }

  /** Connect's failure count when this record was handed to it; NaN if unknown. */
  public double failuresBefore() {
    return failuresBefore;
  }
}
