/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Encoding of bytes fields. Bytes inside JSON are always base64. */
public enum BytesFormat {
  /** Base64 text, which every reader can display. */
  BASE64 {
    @Override
    long lengthOf(byte[] bytes) {
      return (bytes.length + 2L) / 3 * 4;
    }

    @Override
    byte[] encode(byte[] bytes) {
      return Base64.getEncoder().encode(bytes);
    }
  },
  /** The raw bytes; Redis values are binary-safe. */
  RAW {
    @Override
    long lengthOf(byte[] bytes) {
      return bytes.length;
    }

    @Override
    byte[] encode(byte[] bytes) {
      return bytes;
    }
  };

  /** Returns the length of the encoded bytes. */
  abstract long lengthOf(byte[] bytes);

  abstract byte[] encode(byte[] bytes);

  /**
   * Returns a value of one of Connect's two Java types of bytes, or null if it has another type.
   * Leaves a buffer's position unchanged.
   */
  static byte @Nullable [] bytesOf(Object value) {
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
