/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.error;

import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.RecordOrigin;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A record that cannot be written.
 *
 * @param record the record that Connect delivered
 * @param stream the name of its destination
 */
public record BadRecord(SinkRecord record, String stream, DataException error) {

  /** Returns the bad record with an error that names the record, the destination and the remedy. */
  public static BadRecord of(
      SinkRecord record, Destination destination, String stream, ConnectException cause) {
    return new BadRecord(
        record,
        stream,
        new DataException(
            "record "
                + RecordOrigin.of(record)
                + " cannot be written to "
                + destination.describe(stream)
                + ": "
                + cause.getMessage()
                + ". Set errors.tolerance=all and errors.deadletterqueue.topic.name to skip such"
                + " records",
            cause));
  }

  /** Returns the record's location in Kafka. */
  public RecordOrigin origin() {
    return RecordOrigin.of(record);
  }

  /** Returns the record's location and destination, never a value. */
  @Override
  public String toString() {
    return origin() + " to " + stream;
  }
}
