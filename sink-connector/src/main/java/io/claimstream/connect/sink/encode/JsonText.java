/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 */
public final class JsonText {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonText() {}

  /**
   * Returns any value as UTF-8 JSON.
   *
   * @throws DataException if a value in it has no JSON form, or a limit is exceeded
   */
  public static byte[] of(@Nullable Schema schema, Object value) {
    return of(schema, value, EntryLimits.BYTES);
  }

  /**
   * Returns a value as UTF-8 JSON.
   *
   * @param limit the maximum number of bytes
   * @throws DataException if a nested value has no JSON form, or a limit is exceeded
   */
  static byte[] of(@Nullable Schema schema, Object value, int limit) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(new EntryLimits.LimitedStream(bytes, limit))) {
      write(json, schema, value, 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen in memory
    }
    return bytes.toByteArray();
  }

  /** Writes a value; the depth is the value's own if it is a container. */
  private static void write(
      JsonGenerator json, @Nullable Schema schema, @Nullable Object value, int depth)
      throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Struct struct) {
      writeStruct(json, struct, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(json, schema, map, depth);
    } else if (value instanceof Collection<?> array) {
      EntryLimits.checkDepth(depth);
      json.writeStartArray();
      for (Object element : array) {
        write(json, element(schema), element, depth + 1);
      }
      json.writeEndArray();
    } else {
      writeScalar(json, schema, value);
    }
  }

  private static void writeStruct(JsonGenerator json, Struct struct, int depth) throws IOException {
    EntryLimits.checkDepth(depth);
    json.writeStartObject();
    for (Field field : struct.schema().fields()) {
      Object member = struct.get(field);
      if (member != null) {
        json.writeFieldName(field.name());
        write(json, field.schema(), member, depth + 1);
      }
    }
    json.writeEndObject();
  }

  private static void writeMap(
      JsonGenerator json, @Nullable Schema schema, Map<?, ?> map, int depth) throws IOException {
    EntryLimits.checkDepth(depth);
    json.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() != null) {
        json.writeFieldName(ScalarText.ofKey(schema, entry.getKey()));
        write(json, element(schema), entry.getValue(), depth + 1);
      }
    }
    json.writeEndObject();
  }

  private static void writeScalar(JsonGenerator json, @Nullable Schema schema, Object value)
      throws IOException {
    byte[] bytes = BytesFormat.bytesOf(value);
    if (bytes != null) {
      json.writeString(Base64.getEncoder().encodeToString(bytes));
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Float number) {
      json.writeNumber(number); // as a double it would gain digits that it never had
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Byte
        || value instanceof Short
        || value instanceof Integer
        || value instanceof Long) {
      json.writeNumber(((Number) value).longValue());
    } else {
      String text = ScalarText.of(schema, value);
      if (text == null) {
        throw new DataException(
            "contains a " + value.getClass().getName() + ", which has no text form");
      }
      json.writeString(text);
    }
  }

  private static @Nullable Schema element(@Nullable Schema schema) {
    return schema != null
            && (schema.type() == Schema.Type.ARRAY || schema.type() == Schema.Type.MAP)
        ? schema.valueSchema()
        : null;
  }
}
