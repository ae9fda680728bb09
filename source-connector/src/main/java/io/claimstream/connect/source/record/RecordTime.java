/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

/**
 * Source of the Kafka record's timestamp, to which retention ({@code retention.ms}) applies. The
 * record value always contains the event time.
 */
public enum RecordTime {
  /** When the connector read the entry, so that a topic keeps the record for its full retention. */
  READ,
  /** When Redis received the entry, by its id. */
  STREAM_ID,
  /** The event time; if the event has none, the time in the entry's id. */
  EVENT
}
