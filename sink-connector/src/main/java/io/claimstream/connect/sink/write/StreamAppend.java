/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import java.util.List;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * One entry to append.
 *
 * @param stream the key of the stream
 * @param fields name, value, name, value, …; at least one pair. Treat as read-only.
 * @param origin where it comes from
 * @param record the record it was made of, to report it if Redis refuses it
 */
public record StreamAppend(String stream, List<byte[]> fields, Origin origin, SinkRecord record) {

  /** About what it takes on the wire. */
  public int bytes() {
    int bytes = 64;
    for (byte[] part : fields) {
      bytes += part.length + 8; // its length in digits, and two line ends
    }
    return bytes;
  }

  /** Names stream and origin, never a value. */
  @Override
  public String toString() {
    return origin + " to " + stream;
  }
}
