/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.schema.AvroParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Parser of a field's bytes into the type of its schema: scalars from text; records, arrays and
 * maps from JSON; bytes unchanged (base64 within JSON). Values are never rounded or guessed.
 */
final class FieldParser {
  private static final long MILLIS_PER_DAY = 86_400_000;
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 1.0 is not an integer
          .build();

  private FieldParser() {}

  static Object parse(Schema schema, byte[] bytes) throws FieldException {
    if (isBinary(schema)) {
      return sized(schema, bytes);
    }
    String text = EntryText.utf8(bytes);
    return switch (schema.type()) {
      case STRUCT, ARRAY, MAP -> container(schema, json(text));
      default -> scalar(schema, text);
    };
  }

  /** Parses a value within JSON that is not null. */
  static Object parse(Schema schema, JsonNode node) throws FieldException {
    return present(schema, node);
  }

  /** Parses a JSON object into its members, without those that are null. */
  static Map<String, JsonNode> members(byte[] bytes) throws FieldException {
    JsonNode json = json(EntryText.utf8(bytes));
    if (!json.isObject()) {
      throw new FieldException("is not a JSON object");
    }
    Map<String, JsonNode> members = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      if (!member.getValue().isNull()) {
        members.put(member.getKey(), member.getValue());
      }
    }
    return members;
  }

  /** Returns a value within JSON as text; objects and arrays as JSON. */
  static String text(JsonNode node) throws FieldException {
    return node.isContainerNode() ? node.toString() : wellFormed(node.asText());
  }

  private static JsonNode json(String text) throws FieldException {
    try {
      return JSON.readTree(text);
    } catch (StreamConstraintsException e) {
      throw new FieldException(
          "is JSON that is nested too deeply or contains a number that is too long");
    } catch (JsonProcessingException | NumberFormatException | ArithmeticException e) {
      // the parser throws these for an exponent of ten digits, which JSON allows
      throw new FieldException("is not valid JSON"); // the parser's own message quotes the value
    }
  }

  private static Object scalar(Schema schema, String text) throws FieldException {
    if (schema.name() != null) {
      Object logical = logical(schema, schema.name(), text);
      if (logical != null) {
        return logical;
      }
    }
    return switch (schema.type()) {
      case STRING -> text(schema, text);
      case BOOLEAN -> bool(text);
      case INT8, INT16, INT32, INT64, FLOAT32, FLOAT64 -> NumberText.parse(schema.type(), text);
      default -> throw new FieldException("cannot be read as " + schema.type().getName());
    };
  }

  private static boolean isBinary(Schema schema) {
    return schema.type() == Schema.Type.BYTES && !Decimal.LOGICAL_NAME.equals(schema.name());
  }

  private static byte[] sized(Schema schema, byte[] bytes) throws FieldException {
    OptionalInt size = AvroParameters.fixedSize(schema);
    if (size.isPresent() && size.getAsInt() != bytes.length) {
      throw new FieldException("has " + bytes.length + " bytes instead of " + size.getAsInt());
    }
    return bytes;
  }

  private static @Nullable Object logical(Schema schema, String name, String text)
      throws FieldException {
    try {
      return switch (name) {
        case Decimal.LOGICAL_NAME ->
            DecimalText.parse(
                text,
                AvroParameters.precision(schema).orElse(0),
                Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD)));
        case Timestamp.LOGICAL_NAME -> new Date(EventTime.millis(text));
        case org.apache.kafka.connect.data.Date.LOGICAL_NAME ->
            new Date(Math.toIntExact(LocalDate.parse(text).toEpochDay()) * MILLIS_PER_DAY);
        case Time.LOGICAL_NAME -> new Date(LocalTime.parse(text).toNanoOfDay() / 1_000_000);
        default -> null;
      };
    } catch (DateTimeException | ArithmeticException e) {
      throw new FieldException(
          name.equals(Time.LOGICAL_NAME)
              ? "is not a time of day: expected ISO-8601, such as 10:30:00"
              : "is not a date: expected ISO-8601, such as 2024-08-20");
    }
  }

  private static String text(Schema schema, String text) throws FieldException {
    if (AvroParameters.isUuid(schema) && !UUID.matcher(text).matches()) {
      throw new FieldException("is not a UUID");
    }
    List<String> symbols = AvroParameters.symbols(schema);
    if (!symbols.isEmpty() && !symbols.contains(text)) {
      throw new FieldException("is not one of " + symbols);
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

  private static @Nullable Object nested(Schema schema, @Nullable JsonNode node, String part)
      throws FieldException {
    try {
      return node == null || node.isNull() ? absent(schema) : present(schema, node);
    } catch (FieldException e) {
      throw e.within(part);
    }
  }

  private static @Nullable Object absent(Schema schema) throws FieldException {
    if (schema.isOptional() || schema.defaultValue() != null) {
      return schema.defaultValue();
    }
    throw new FieldException("is missing; the event's schema requires it");
  }

  private static Object present(Schema schema, JsonNode node) throws FieldException {
    return switch (schema.type()) {
      case STRUCT, ARRAY, MAP -> container(schema, node);
      default -> {
        if (node.isContainerNode()) {
          throw new FieldException("is a JSON object or array, but the schema has a scalar");
        }
        yield isBinary(schema) ? sized(schema, binary(node)) : scalar(schema, text(schema, node));
      }
    };
  }

  private static String text(Schema schema, JsonNode node) throws FieldException {
    if (schema.type() == Schema.Type.STRING && !node.isTextual()) {
      throw new FieldException("is not a JSON string");
    }
    return wellFormed(node.asText());
  }

  /**
   * Rejects unpaired surrogates, which JSON can escape and UTF-8 encoding would replace with a
   * question mark. In names, the JSON parser rejects them.
   */
  private static String wellFormed(String text) throws FieldException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new FieldException("contains an unpaired surrogate, which is half a character");
    }
    return text;
  }

  private static byte[] binary(JsonNode node) throws FieldException {
    try {
      byte[] bytes = node.isTextual() ? node.binaryValue() : null;
      if (bytes != null) {
        return bytes;
      }
    } catch (IOException e) {
      // reported below
    }
    throw new FieldException("is not base64, which is the encoding of bytes in JSON");
  }

  private static Object container(Schema schema, JsonNode node) throws FieldException {
    boolean fits = schema.type() == Schema.Type.ARRAY ? node.isArray() : node.isObject();
    if (!fits) {
      throw new FieldException(
          "is not a JSON " + (schema.type() == Schema.Type.ARRAY ? "array" : "object"));
    }
    return switch (schema.type()) {
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonNode element : node) {
          list.add(nested(schema.valueSchema(), element, "[" + list.size() + ']'));
        }
        yield list;
      }
      case MAP -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
          // the key comes from the producer and may be personal data
          map.put(member.getKey(), nested(schema.valueSchema(), member.getValue(), "{}"));
        }
        yield map;
      }
      default -> {
        Struct struct = new Struct(schema);
        for (Field field : schema.fields()) {
          struct.put(field, nested(field.schema(), node.get(field.name()), "." + field.name()));
        }
        yield struct;
      }
    };
  }
}
