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
 * Nested values as JSON, by the same rules as the fields around them: decimals and times are
 * strings, bytes base64, members without a value are left out. Integers, floats and booleans stay
 * JSON numbers and booleans; {@code null} stays in arrays, where leaving it out would move the
 * rest.
 */
final class JsonText {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonText() {}

  /**
   * UTF-8 JSON of a container.
   *
   * @throws DataException if something inside has no JSON form
   */
  static byte[] of(@Nullable Schema schema, Object container) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      write(json, schema, container);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot happen in memory
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, @Nullable Schema schema, @Nullable Object value)
      throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Struct struct) {
      writeStruct(json, struct);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(json, schema, map);
    } else if (value instanceof Collection<?> array) {
      json.writeStartArray();
      for (Object element : array) {
        write(json, element(schema), element);
      }
      json.writeEndArray();
    } else {
      writeScalar(json, schema, value);
    }
  }

  private static void writeStruct(JsonGenerator json, Struct struct) throws IOException {
    json.writeStartObject();
    for (Field field : struct.schema().fields()) {
      Object member = struct.get(field);
      if (member != null) {
        json.writeFieldName(field.name());
        write(json, field.schema(), member);
      }
    }
    json.writeEndObject();
  }

  private static void writeMap(JsonGenerator json, @Nullable Schema schema, Map<?, ?> map)
      throws IOException {
    json.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() != null) {
        json.writeFieldName(MapKeys.text(schema, entry.getKey()));
        write(json, element(schema), entry.getValue());
      }
    }
    json.writeEndObject();
  }

  private static void writeScalar(JsonGenerator json, @Nullable Schema schema, Object value)
      throws IOException {
    byte[] bytes = Bytes.of(value);
    if (bytes != null) {
      json.writeString(Base64.getEncoder().encodeToString(bytes));
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Float number) {
      json.writeNumber(number); // as a double it would get digits that it never had
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
        throw new DataException("holds a " + value.getClass().getName() + ", which has no text");
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
