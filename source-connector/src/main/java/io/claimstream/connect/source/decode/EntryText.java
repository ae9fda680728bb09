/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decoder of names and values as text. */
final class EntryText {
  private static final char REPLACEMENT = '\uFFFD';

  private EntryText() {}

  static String utf8(byte[] bytes) throws FieldException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      strict(bytes); // the character may be in the entry itself, or replace invalid bytes
    }
    return text;
  }

  private static void strict(byte[] bytes) throws FieldException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new FieldException("is not UTF-8");
    }
  }
}
