/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.Optional;
import org.apache.kafka.connect.sink.SinkRecord;

/** Encodes records for a destination. Has no state: a record always becomes the same. */
@FunctionalInterface
public interface RecordEncoding {

  /**
   * Encodes a record.
   *
   * @param target the name of the destination
   * @return empty if the record is skipped
   * @throws org.apache.kafka.connect.errors.DataException if the record cannot be written, for any
   *     reason; names the field if it is known, never its value
   */
  Optional<StreamAppend> encode(String target, RecordOrigin origin, SinkRecord record);
}
