/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Nested values as JSON, by the same rules as top-level fields: decimals and times are strings,
 * bytes are base64, and members without a value are left out. Integers, floats and booleans stay
 * JSON numbers and booleans. {@code null} stays in arrays, where omitting it would shift the other
 * elements.
 *
 * <p>Writes into the buffer of the other fields: a generator of its own for each value would cost
 * more than the value.
 */
final class JsonText {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };

  private JsonText() {}

  /**
   * Continues a word with a value as UTF-8 JSON.
   *
   * @throws DataException if a nested value has no JSON form, or a limit is exceeded
   */
  static void write(WordBuffer out, @Nullable Schema schema, Object value) {
    write(out, schema, value, 1);
  }

  /** Writes a value; the depth is the value's own if it is a container. */
  private static void write(
      WordBuffer out, @Nullable Schema schema, @Nullable Object value, int depth) {
    if (value == null) {
      out.text("null");
    } else if (value instanceof String text) {
      writeString(out, text);
    } else if (value instanceof Struct struct) {
      writeStruct(out, struct, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(out, schema, map, depth);
    } else if (value instanceof Collection<?> array) {
      EntryLimits.checkDepth(depth);
      char before = '[';
      for (Object element : array) {
        out.put(before);
        before = ',';
        write(out, element(schema), element, depth + 1);
      }
      close(out, '[', before, ']');
    } else {
      writeScalar(out, schema, value);
    }
  }

  private static void writeStruct(WordBuffer out, Struct struct, int depth) {
    EntryLimits.checkDepth(depth);
    char before = '{';
    for (Field field : struct.schema().fields()) {
      Object member = struct.get(field);
      if (member != null) {
        out.put(before);
        before = ',';
        writeString(out, field.name());
        out.put(':');
        write(out, field.schema(), member, depth + 1);
      }
    }
    close(out, '{', before, '}');
  }

  private static void writeMap(WordBuffer out, @Nullable Schema schema, Map<?, ?> map, int depth) {
    EntryLimits.checkDepth(depth);
    char before = '{';
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() != null) {
        out.put(before);
        before = ',';
        writeString(out, ScalarText.ofKey(schema, entry.getKey()));
        out.put(':');
        write(out, element(schema), entry.getValue(), depth + 1);
      }
    }
    close(out, '{', before, '}');
  }

  /** Ends a container, which an empty one has not begun yet. */
  private static void close(WordBuffer out, char open, char before, char close) {
    if (before == open) {
      out.put(open);
    }
    out.put(close);
  }

  private static void writeScalar(WordBuffer out, @Nullable Schema schema, Object value) {
    if (isJsonNumber(value) || value instanceof Boolean) {
      out.text(value.toString());
      return;
    }
    byte[] bytes = BytesFormat.bytesOf(value);
    if (bytes != null) {
      out.put('"');
      out.raw(Base64.getEncoder().encode(bytes));
      out.put('"');
    } else {
      // NaN and the infinities are text, too: JSON has no numbers for them
      String text =
          value instanceof Float || value instanceof Double
              ? value.toString()
              : ScalarText.of(schema, value);
      if (text == null) {
        throw new DataException(
            "contains a " + value.getClass().getName() + ", which has no text form");
      }
      writeString(out, text);
    }
  }

  private static boolean isJsonNumber(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || (value instanceof Double number && Double.isFinite(number))
        || (value instanceof Float single && Float.isFinite(single));
  }

  private static void writeString(WordBuffer out, String text) {
    out.put('"');
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int end = i + 1;
      if (c >= 0x80) {
        end = endOfNonAscii(text, i);
        if (end == i) {
          end++;
          writeCode(out, c); // half a surrogate pair has no form in UTF-8
        } else {
          out.text(text.substring(i, end));
        }
      } else if (c >= ' ' && c != '"' && c != '\\') {
        out.put(c);
      } else {
        writeEscape(out, c);
      }
      i = end;
    }
    out.put('"');
  }

  /** Returns the end of the characters from there on that need no escape and are not ASCII. */
  private static int endOfNonAscii(String text, int from) {
    int end = from;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      if (c < 0x80 || (Character.isBmpCodePoint(c) && Character.isSurrogate((char) c))) {
        break;
      }
      end += Character.charCount(c);
    }
    return end;
  }

  private static void writeEscape(WordBuffer out, char c) {
    int letter = "\b\t\n\f\r\"\\".indexOf(c);
    if (letter < 0) {
      writeCode(out, c);
    } else {
      out.put('\\');
      out.put("btnfr\"\\".charAt(letter));
    }
  }

  private static void writeCode(WordBuffer out, int c) {
    out.put('\\');
    out.put('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.put(HEX[(c >> shift) & 0xf]);
    }
  }

  private static @Nullable Schema element(@Nullable Schema schema) {
    return schema != null
            && (schema.type() == Schema.Type.ARRAY || schema.type() == Schema.Type.MAP)
        ? schema.valueSchema()
        : null;
  }
}
