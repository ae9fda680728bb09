/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

/**
 * Which time a Kafka record carries. Kafka deletes records by it (<code>retention.ms</code>); the
 * event time is in the value, whatever this is.
 */
public enum RecordTime {
  /** When the connector read the entry, so that a topic keeps it as long as its retention says. */
  READ,
  /** When Redis got the entry. */
  STREAM_ID,
  /** The event's own; that of the stream id where the event has none. */
  EVENT
}
