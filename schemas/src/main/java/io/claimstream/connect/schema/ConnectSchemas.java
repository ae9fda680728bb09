/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema.Type;
import org.apache.avro.generic.GenericData;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Converts Avro schemas to Connect schemas, as Avro converters do. Rejects a schema that would
 * differ in the topic, and names the field's path: docs/reference/schemas.md has the table.
 */
final class ConnectSchemas {
  static final String CONNECT_TYPE = "connect.type";

  /** The full names of the records that enclose the current field. */
  private final Set<String> enclosing = new HashSet<>();

  private ConnectSchemas() {}

  /** Returns the Connect schema of an event. */
  static Schema of(org.apache.avro.Schema avro, int version) {
    if (avro.getType() != Type.RECORD) {
      throw new SchemaException(
          "the schema of an event must be a record, not " + avro.getType(), null);
    }
    return new ConnectSchemas().record(avro, "").doc(avro.getDoc()).version(version).build();
  }

  private SchemaBuilder record(org.apache.avro.Schema avro, String path) {
    if (!enclosing.add(avro.getFullName())) {
      throw refused(
          path, "is a " + avro.getFullName() + " within itself; Connect has no recursive types");
    }
    SchemaBuilder struct = SchemaBuilder.struct().name(avro.getFullName());
    for (org.apache.avro.Schema.Field field : avro.getFields()) {
      String name = path.isEmpty() ? field.name() : path + '.' + field.name();
      struct.field(field.name(), field(field, name));
    }
    enclosing.remove(avro.getFullName());
    return struct;
  }

  private Schema field(org.apache.avro.Schema.Field field, String path) {
    SchemaBuilder builder = builder(field.schema(), path, field.doc());
    Object value = field.hasDefaultValue() ? field.defaultVal() : null;
    if (value == null || value == JsonProperties.NULL_VALUE) {
      return builder.build();
    }
    org.apache.avro.Schema avro = nonNull(field.schema());
    if (avro.getType() == Type.RECORD) {
      throw refused(path, "has a record as its default, which Connect does not support: use null");
    }
    Object generic = GenericData.get().getDefaultValue(field);
    try {
      return builder.defaultValue(ConnectValues.fromAvro(avro, builder, generic)).build();
    } catch (ArithmeticException e) {
      throw refused(path, "has a default that its " + CONNECT_TYPE + " cannot represent");
    }
  }

  private SchemaBuilder builder(org.apache.avro.Schema avro, String path, @Nullable String doc) {
    if (avro.getType() == Type.UNION && (!avro.isNullable() || avro.getTypes().size() != 2)) {
      throw refused(path, "is a union: only unions of null and one type are supported");
    }
    org.apache.avro.Schema type = nonNull(avro);
    SchemaBuilder builder = type(type, path).doc(doc == null ? type.getDoc() : doc);
    return avro.isNullable() ? builder.optional() : builder;
  }

  /** Returns the type itself, or the other branch of its union with null. */
  static org.apache.avro.Schema nonNull(org.apache.avro.Schema avro) {
    if (avro.getType() != Type.UNION) {
      return avro;
    }
    List<org.apache.avro.Schema> branches = avro.getTypes();
    return branches.get(branches.get(0).getType() == Type.NULL ? 1 : 0);
  }

  private SchemaBuilder type(org.apache.avro.Schema avro, String path) {
    if (avro.getObjectProp(LogicalType.LOGICAL_TYPE_PROP) != null) {
      return logical(avro, path);
    }
    return switch (avro.getType()) {
      case STRING -> SchemaBuilder.string();
      case INT -> integer(avro, path);
      case LONG -> SchemaBuilder.int64();
      case FLOAT -> SchemaBuilder.float32();
      case DOUBLE -> SchemaBuilder.float64();
      case BOOLEAN -> SchemaBuilder.bool();
      case BYTES -> SchemaBuilder.bytes();
      case FIXED ->
          SchemaBuilder.bytes()
              .name(avro.getFullName())
              .parameter(AvroParameters.FIXED_SIZE, Integer.toString(avro.getFixedSize()));
      case ENUM -> SchemaBuilder.string().name(avro.getFullName()).parameters(symbols(avro));
      case RECORD -> record(avro, path);
      case ARRAY -> SchemaBuilder.array(builder(avro.getElementType(), path + "[]", null).build());
      case MAP ->
          SchemaBuilder.map(
              Schema.STRING_SCHEMA, builder(avro.getValueType(), path + "{}", null).build());
      default ->
          throw refused(path, "has the type " + avro.getType() + ", which Connect does not have");
    };
  }

  private static SchemaBuilder integer(org.apache.avro.Schema avro, String path) {
    String narrower = avro.getProp(CONNECT_TYPE);
    return switch (narrower == null ? "int32" : narrower) {
      case "int8" -> SchemaBuilder.int8();
      case "int16" -> SchemaBuilder.int16();
      case "int32" -> SchemaBuilder.int32();
      default ->
          throw refused(
              path, "has the " + CONNECT_TYPE + ' ' + narrower + ", which is not an integer type");
    };
  }

  private static SchemaBuilder logical(org.apache.avro.Schema avro, String path) {
    LogicalType logical = avro.getLogicalType(); // null if unknown to Avro, or on the wrong type
    String name = logical == null ? "" : logical.getName();
    boolean fixed = avro.getType() == Type.FIXED;
    if (logical instanceof LogicalTypes.Decimal decimal && !fixed) {
      return Decimal.builder(decimal.getScale())
          .parameter(AvroParameters.PRECISION, Integer.toString(decimal.getPrecision()));
    }
    if (name.equals(AvroParameters.UUID) && !fixed) {
      return SchemaBuilder.string().parameter(AvroParameters.LOGICAL_TYPE, AvroParameters.UUID);
    }
    return switch (name) {
      case "timestamp-millis" -> Timestamp.builder();
      case "date" -> Date.builder();
      case "time-millis" -> Time.builder();
      default ->
          throw refused(
              path,
              "has the logical type "
                  + avro.getObjectProp(LogicalType.LOGICAL_TYPE_PROP)
                  + " on "
                  + avro.getType()
                  + ": Connect supports decimal on bytes (with a precision), date, time-millis,"
                  + " timestamp-millis and uuid on string");
    };
  }

  private static Map<String, String> symbols(org.apache.avro.Schema avro) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(AvroParameters.ENUM, avro.getFullName());
    avro.getEnumSymbols().forEach(s -> parameters.put(AvroParameters.ENUM + '.' + s, s));
    return parameters;
  }

  private static SchemaException refused(String path, String reason) {
    return new SchemaException("field '" + path + "' " + reason, null);
  }
}
