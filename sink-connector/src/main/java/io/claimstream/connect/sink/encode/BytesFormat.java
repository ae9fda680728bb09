/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.Base64;

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
}
