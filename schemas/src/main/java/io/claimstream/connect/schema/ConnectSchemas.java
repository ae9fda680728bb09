/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema.Type;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Makes Connect schemas of Avro ones. What Connect cannot carry faithfully is refused: unions other
 * than with null, fixed, and times finer than milliseconds.
 */
final class ConnectSchemas {
  /** The parameter from which Avro converters take a decimal's precision. */
  static final String PRECISION = "connect.decimal.precision";

  private ConnectSchemas() {}

  /** The Connect schema of an event. */
  static Schema of(org.apache.avro.Schema avro, int version) {
    if (avro.getType() != Type.RECORD) {
      throw new SchemaException("an event's schema is a record, not " + avro.getType(), null);
    }
    return record(avro).version(version).build();
  }

  private static SchemaBuilder record(org.apache.avro.Schema avro) {
    SchemaBuilder struct = SchemaBuilder.struct().name(avro.getFullName()).doc(avro.getDoc());
    for (org.apache.avro.Schema.Field field : avro.getFields()) {
      try {
        struct.field(field.name(), field(field));
      } catch (SchemaException e) {
        throw new SchemaException("field '" + field.name() + "' " + e.getMessage(), e);
      }
    }
    return struct;
  }

  private static Schema field(org.apache.avro.Schema.Field field) {
    SchemaBuilder builder = builder(field.schema());
    if (field.doc() != null) {
      builder.doc(field.doc());
    }
    Object value = field.hasDefaultValue() ? field.defaultVal() : null;
    if (value != null && value != JsonProperties.NULL_VALUE) {
      Schema bare = builder.build();
      builder = builder(field.schema()).doc(field.doc());
      builder.defaultValue(defaultValue(field, bare));
    }
    return builder.build();
  }

  private static @Nullable Object defaultValue(org.apache.avro.Schema.Field field, Schema schema) {
    Object generic = org.apache.avro.generic.GenericData.get().getDefaultValue(field);
    return ConnectValues.fromAvro(nonNull(field.schema()), schema, generic);
  }

  private static SchemaBuilder builder(org.apache.avro.Schema avro) {
    SchemaBuilder builder = nonNullBuilder(nonNull(avro));
    return avro.isNullable() ? builder.optional() : builder;
  }

  /** The type itself, or the other branch of its union with null. */
  static org.apache.avro.Schema nonNull(org.apache.avro.Schema avro) {
    if (avro.getType() != Type.UNION) {
      return avro;
    }
    List<org.apache.avro.Schema> branches =
        avro.getTypes().stream().filter(branch -> branch.getType() != Type.NULL).toList();
    if (branches.size() != 1 || !avro.isNullable()) {
      throw new SchemaException("is a union: only unions of null and one type can be used", null);
    }
    return branches.get(0);
  }

  private static SchemaBuilder nonNullBuilder(org.apache.avro.Schema avro) {
    LogicalType logical = avro.getLogicalType();
    if (logical != null) {
      return logicalBuilder(logical);
    }
    return switch (avro.getType()) {
      case STRING -> SchemaBuilder.string();
      case INT -> SchemaBuilder.int32();
      case LONG -> SchemaBuilder.int64();
      case FLOAT -> SchemaBuilder.float32();
      case DOUBLE -> SchemaBuilder.float64();
      case BOOLEAN -> SchemaBuilder.bool();
      case BYTES -> SchemaBuilder.bytes();
      case ENUM -> SchemaBuilder.string().parameters(symbols(avro));
      case RECORD -> record(avro);
      case ARRAY -> SchemaBuilder.array(builder(avro.getElementType()).build());
      case MAP -> SchemaBuilder.map(Schema.STRING_SCHEMA, builder(avro.getValueType()).build());
      default ->
          throw new SchemaException(
              "has the type " + avro.getType() + ", which Connect has" + " no equal for", null);
    };
  }

  private static SchemaBuilder logicalBuilder(LogicalType logical) {
    if (logical instanceof LogicalTypes.Decimal decimal) {
      return Decimal.builder(decimal.getScale())
          .parameter(PRECISION, Integer.toString(decimal.getPrecision()));
    }
    return switch (logical.getName()) {
      case "timestamp-millis" -> Timestamp.builder();
      case "date" -> Date.builder();
      case "time-millis" -> Time.builder();
      case "uuid" -> SchemaBuilder.string();
      default ->
          throw new SchemaException(
              "has the logical type "
                  + logical.getName()
                  + ": Connect knows decimal, date, time-millis and timestamp-millis",
              null);
    };
  }

  /** As Avro converters mark enums, so that they are enums again in the topic. */
  private static Map<String, String> symbols(org.apache.avro.Schema avro) {
    Map<String, String> parameters = new HashMap<>();
    parameters.put(EnumSymbols.PREFIX, avro.getFullName());
    avro.getEnumSymbols().forEach(s -> parameters.put(EnumSymbols.PREFIX + '.' + s, s));
    return parameters;
  }
}
