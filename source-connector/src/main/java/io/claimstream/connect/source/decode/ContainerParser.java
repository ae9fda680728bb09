/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Parser of records, arrays and maps, which are JSON in an entry. */
abstract class ContainerParser implements FieldParser {
  private final boolean isArray;

  private ContainerParser(boolean isArray) {
    this.isArray = isArray;
  }

  static ContainerParser of(Schema schema) {
    return switch (schema.type()) {
      case ARRAY -> new OfArray(schema);
      case MAP -> new OfMap(schema);
      default -> new OfRecord(schema);
    };
  }

  @Override
  public final Object parse(byte[] value) throws FieldException {
    return parse(JsonText.tree(value));
  }

  @Override
  public final Object parse(JsonNode node) throws FieldException {
    if (isArray ? !node.isArray() : !node.isObject()) {
      throw new FieldException("is not a JSON " + (isArray ? "array" : "object"));
    }
    return contents(node);
  }

  abstract Object contents(JsonNode node) throws FieldException;

  /**
   * A value within a container.
   *
   * @param name what messages call it
   */
  private record Part(Schema schema, FieldParser parser, String name) {

    Part(Schema schema, String name) {
      this(schema, FieldParser.of(schema), name);
    }

    @Nullable Object parse(@Nullable JsonNode node) throws FieldException {
      try {
        return node == null || node.isNull() ? absent() : parser.parse(node);
      } catch (FieldException e) {
        throw e.within(name);
      }
    }

    private @Nullable Object absent() throws FieldException {
      if (schema.isOptional() || schema.defaultValue() != null) {
        return schema.defaultValue();
      }
      throw new FieldException("is missing; the event's schema requires it");
    }
  }

  private static final class OfArray extends ContainerParser {
    private final Part element;

    OfArray(Schema schema) {
      super(true);
      this.element = new Part(schema.valueSchema(), "");
    }

    @Override
    Object contents(JsonNode node) throws FieldException {
      List<@Nullable Object> list = new ArrayList<>(node.size());
      for (JsonNode each : node) {
        try {
          list.add(element.parse(each));
        } catch (FieldException e) {
          throw e.within("[" + list.size() + ']');
        }
      }
      return list;
    }
  }

  private static final class OfMap extends ContainerParser {
    private final Part value;

    OfMap(Schema schema) {
      super(false);
      this.value =
          new Part(schema.valueSchema(), "{}"); // a key comes from the producer: it may be personal
    }

    @Override
    Object contents(JsonNode node) throws FieldException {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        map.put(member.getKey(), value.parse(member.getValue()));
      }
      return map;
    }
  }

  private static final class OfRecord extends ContainerParser {
    private final Schema schema;
    private final Map<Field, Part> parts = new LinkedHashMap<>();

    OfRecord(Schema schema) {
      super(false);
      this.schema = schema;
      for (Field field : schema.fields()) {
        parts.put(field, new Part(field.schema(), '.' + field.name()));
      }
    }

    @Override
    Object contents(JsonNode node) throws FieldException {
      Struct struct = new Struct(schema);
      for (Map.Entry<Field, Part> part : parts.entrySet()) {
        Field field = part.getKey();
        struct.put(field, part.getValue().parse(node.get(field.name())));
      }
      return struct;
    }
  }
}
