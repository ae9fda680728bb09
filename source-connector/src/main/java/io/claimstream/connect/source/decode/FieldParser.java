/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.schema.AvroParameters;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of a field as the type its schema asks for: scalars from their text, records,
 * arrays and maps from JSON, bytes as they are. Nothing is rounded or guessed.
 */
final class FieldParser {
  private static final String PRECISION = "connect.decimal.precision";
  private static final long MILLIS_PER_DAY = 86_400_000;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private FieldParser() {}

  static Object parse(Schema schema, byte[] bytes) throws FieldException {
    if (schema.type() == Schema.Type.BYTES && schema.name() == null) {
      return bytes;
    }
    String text = EntryText.utf8(bytes);
    return switch (schema.type()) {
      case STRUCT, ARRAY, MAP -> container(schema, json(text));
      default -> scalar(schema, text);
    };
  }

  private static JsonNode json(String text) throws FieldException {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new FieldException("is no JSON"); // the parser's own words quote the value
    }
  }

  private static Object scalar(Schema schema, String text) throws FieldException {
    if (schema.name() != null) {
      Object logical = logical(schema, schema.name(), text);
      if (logical != null) {
        return logical;
      }
    }
    try {
      return switch (schema.type()) {
        case STRING -> symbol(schema, text);
        case BOOLEAN -> bool(text);
        case INT8 -> Byte.valueOf(text);
        case INT16 -> Short.valueOf(text);
        case INT32 -> Integer.valueOf(text);
        case INT64 -> Long.valueOf(text);
        case FLOAT32 -> Float.valueOf(text);
        case FLOAT64 -> Double.valueOf(text);
        default -> throw new FieldException("cannot be read as " + schema.type());
      };
    } catch (NumberFormatException e) {
      throw new FieldException("is no number of type " + schema.type().getName());
    }
  }

  private static @Nullable Object logical(Schema schema, String name, String text)
      throws FieldException {
    try {
      return switch (name) {
        case Decimal.LOGICAL_NAME ->
            DecimalText.parse(
                text,
                Integer.parseInt(schema.parameters().getOrDefault(PRECISION, "0")),
                Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD)));
        case Timestamp.LOGICAL_NAME -> new Date(EventTime.millis(text));
        case org.apache.kafka.connect.data.Date.LOGICAL_NAME ->
            new Date(LocalDate.parse(text).toEpochDay() * MILLIS_PER_DAY);
        case Time.LOGICAL_NAME -> new Date(LocalTime.parse(text).toNanoOfDay() / 1_000_000);
        default -> null;
      };
    } catch (DateTimeException e) {
      throw new FieldException("is no ISO-8601 date or time of day");
    }
  }

  private static String symbol(Schema schema, String text) throws FieldException {
    List<String> symbols = AvroParameters.symbols(schema);
    if (!symbols.isEmpty() && !symbols.contains(text)) {
      throw new FieldException("is none of " + symbols);
    }
    return text;
  }

  private static Boolean bool(String text) throws FieldException {
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new FieldException("is neither true nor false");
    };
  }

  private static @Nullable Object nested(Schema schema, @Nullable JsonNode node)
      throws FieldException {
    if (node == null || node.isNull()) {
      if (schema.isOptional() || schema.defaultValue() != null) {
        return schema.defaultValue();
      }
      throw new FieldException("lacks a part that the schema requires");
    }
    return switch (schema.type()) {
      case STRUCT, ARRAY, MAP -> container(schema, node);
      case BYTES -> schema.name() == null ? binary(node) : scalar(schema, node.asText());
      default -> {
        if (node.isContainerNode()) {
          throw new FieldException("holds a JSON container where the schema has none");
        }
        yield scalar(schema, node.asText());
      }
    };
  }

  private static byte[] binary(JsonNode node) throws FieldException {
    try {
      byte[] bytes = node.binaryValue();
      if (bytes != null) {
        return bytes;
      }
    } catch (java.io.IOException e) {
      // told below
    }
    throw new FieldException("holds bytes that are not base64");
  }

  private static Object container(Schema schema, JsonNode node) throws FieldException {
    boolean fits = schema.type() == Schema.Type.ARRAY ? node.isArray() : node.isObject();
    if (!fits) {
      throw new FieldException(
          "is no JSON " + (schema.type() == Schema.Type.ARRAY ? "array" : "object"));
    }
    return switch (schema.type()) {
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonNode element : node) {
          list.add(nested(schema.valueSchema(), element));
        }
        yield list;
      }
      case MAP -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
          map.put(member.getKey(), nested(schema.valueSchema(), member.getValue()));
        }
        yield map;
      }
      default -> {
        Struct struct = new Struct(schema);
        for (Field field : schema.fields()) {
          struct.put(field, nested(field.schema(), node.get(field.name())));
        }
        yield struct;
      }
    };
  }
}
