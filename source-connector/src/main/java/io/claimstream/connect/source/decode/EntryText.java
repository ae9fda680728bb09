/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Decoder of an entry's field names; the fields keep their order, and their values stay bytes. */
public final class EntryText {
  private static final char REPLACEMENT = '\uFFFD';

  private EntryText() {}

  static Map<String, byte[]> fields(String stream, StreamEntry entry) throws BadEntryException {
    Map<String, byte[]> fields = new LinkedHashMap<>(entry.size() * 2);
    for (int i = 0; i < entry.size(); i++) {
      String name;
      try {
        name = utf8(entry.name(i));
      } catch (FieldException e) {
        throw new BadEntryException(
            stream, entry.id(), null, "has a field whose name " + e.getMessage());
      }
      if (fields.put(name, entry.value(i)) != null) {
        throw new BadEntryException(stream, entry.id(), name, "occurs twice");
      }
    }
    return fields;
  }

  /**
   * Returns some of an entry's fields as text, in the entry's order.
   *
   * @param names the names of the fields; those that the entry lacks are left out
   * @throws BadEntryException if one of them is not UTF-8 or occurs twice
   */
  public static Map<String, String> texts(String stream, StreamEntry entry, Set<String> names)
      throws BadEntryException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> field : fields(stream, entry).entrySet()) {
      if (names.contains(field.getKey())) {
        try {
          texts.put(field.getKey(), utf8(field.getValue()));
        } catch (FieldException e) {
          throw new BadEntryException(
              stream, entry.id(), field.getKey(), e.getMessage() + " (event.header.fields)");
        }
      }
    }
    return texts;
  }

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
