/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.error;

import io.claimstream.connect.sink.write.RecordOrigin;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A record that cannot be appended.
 *
 * @param record as Connect handed it over
 * @param stream where it was to go
 * @param error names the record, the stream and the setting to change
 */
public record BadRecord(SinkRecord record, String stream, DataException error) {

  /** That record, which cannot be appended for that reason. */
  public static BadRecord of(SinkRecord record, String stream, ConnectException cause) {
    return new BadRecord(
        record,
        stream,
        new DataException(
            "record "
                + RecordOrigin.of(record)
                + " cannot be appended to stream "
                + stream
                + ": "
                + cause.getMessage()
                + ". Set errors.tolerance=all and errors.deadletterqueue.topic.name to go on"
                + " without such records",
            cause));
  }

  /** Where it lies in Kafka. */
  public RecordOrigin origin() {
    return RecordOrigin.of(record);
  }

  /** Names record and stream, never a value. */
  @Override
  public String toString() {
    return origin() + " to " + stream;
  }
}
