/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Bytes as text that keeps every byte, so that keys and names can be compared and sorted. */
final class Bytes {
  private Bytes() {}

  static String raw(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  static byte[] of(Object text) {
    return text.toString().getBytes(ISO_8859_1);
  }
}
