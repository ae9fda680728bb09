/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.Base64;

/** How a field of bytes is written; bytes inside JSON are always base64. */
public enum BytesFormat {
  /** Text that every reader can show. */
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
  /** The bytes themselves: Redis keeps any. */
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

  /** How long the bytes are when encoded. */
  abstract long lengthOf(byte[] bytes);

  abstract byte[] encode(byte[] bytes);
}
