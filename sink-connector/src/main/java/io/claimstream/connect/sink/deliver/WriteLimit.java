/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import java.util.List;

/**
 * The maximum size of one write.
 *
 * @param entries the maximum number of entries; at least 1
 * @param bytes the approximate maximum number of bytes; a single larger entry exceeds it
 */
public record WriteLimit(int entries, long bytes) {
  /** Bytes of one write. A write that exceeds the network buffers blocks until Redis reads on. */
  private static final long WRITE_BYTES = 1 << 20;

  /** Returns a limit of that number of entries, and of the bytes that a write may have. */
  public static WriteLimit ofEntries(int entries) {
    return new WriteLimit(entries, WRITE_BYTES);
  }

  /** Returns the first appends that stay within the limit; at least one if there is any. */
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

  /** Returns a limit of the same number of entries and the remaining bytes; possibly none. */
  WriteLimit beside(List<StreamAppend> appends) {
    return new WriteLimit(entries, bytes - appends.stream().mapToLong(StreamAppend::bytes).sum());
  }

  /** Returns whether bytes remain. */
  boolean hasRoom() {
    return bytes > 0;
  }
}
