/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import java.util.List;

/**
 * How much is sent in one go.
 *
 * @param entries how many at most; at least 1
 * @param bytes about how many at most; a single larger entry goes beyond
 */
public record WriteLimit(int entries, long bytes) {

  /** The first of the appends that stay within the limit; at least one if there is any. */
  List<StreamAppend> first(List<StreamAppend> appends) {
    int size = 0;
    long sum = 0;
    for (StreamAppend append : appends) {
      sum += append.bytes();
      if (size > 0 && (size == entries || sum > bytes)) {
        break;
      }
      size++;
    }
    return appends.subList(0, size);
  }

  /** The same number of other entries, in the bytes that these leave over; perhaps none. */
  WriteLimit beside(List<StreamAppend> appends) {
    return new WriteLimit(entries, bytes - appends.stream().mapToLong(StreamAppend::bytes).sum());
  }

  /** Whether there are bytes for more. */
  boolean hasRoom() {
    return bytes > 0;
  }
}
