/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The two Java types of bytes in Connect. */
final class Bytes {

  private Bytes() {}

  /**
   * Returns the bytes, or null if the value has another type. Leaves the buffer's position
   * unchanged.
   */
  static byte @Nullable [] of(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return null;
  }
}
