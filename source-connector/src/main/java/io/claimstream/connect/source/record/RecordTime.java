/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

/** Which time a Kafka record carries. */
public enum RecordTime {
  /** The event's own; that of the stream id where the event has none. */
  EVENT,
  /** When Redis got the entry. */
  STREAM_ID
}
