/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import java.util.List;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A record, ready to be written.
 *
 * @param stream the stream's key
 * @param parts what Redis gets: the words of {@code XADD} from the first name on, or the arguments
 *     of a script. Read-only.
 * @param bytes the approximate size on the wire
 * @param origin the record's location in Kafka
 * @param record the source record, which is reported if Redis rejects the entry
 */
public record StreamAppend(
    String stream, List<byte[]> parts, int bytes, RecordOrigin origin, SinkRecord record) {

  /** Returns whether the record has no value. */
  public boolean isTombstone() {
    return record.value() == null;
  }

  /** Returns an append of those parts. */
  public static StreamAppend of(
      String stream, List<byte[]> parts, RecordOrigin origin, SinkRecord record) {
    int bytes = 64;
    for (byte[] part : parts) {
      bytes += part.length + 8; // its length in digits, and two line ends
    }
    return new StreamAppend(stream, parts, bytes, origin, record);
  }

  /** Returns the origin and the stream, never a value. */
  @Override
  public String toString() {
    return origin + " to " + stream;
  }
}
