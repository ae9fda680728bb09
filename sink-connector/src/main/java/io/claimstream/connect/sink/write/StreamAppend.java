/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import java.util.List;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * One entry to append.
 *
 * @param stream the key of the stream
 * @param fields name, value, name, value, …; at least one pair. Treat as read-only.
 * @param bytes about what it takes on the wire
 * @param origin where it comes from
 * @param record the record it was made of, to report it if Redis refuses it
 */
public record StreamAppend(
    String stream, List<byte[]> fields, int bytes, RecordOrigin origin, SinkRecord record) {

  /** An entry of those fields. */
  public static StreamAppend of(
      String stream, List<byte[]> fields, RecordOrigin origin, SinkRecord record) {
    int bytes = 64;
    for (byte[] part : fields) {
      bytes += part.length + 8; // its length in digits, and two line ends
    }
    return new StreamAppend(stream, fields, bytes, origin, record);
  }

  /** Names stream and origin, never a value. */
  @Override
  public String toString() {
    return origin + " to " + stream;
  }
}
