/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/** Converts Connect values to Avro's generic ones and back. */
final class ConnectValues {
  private static final long MILLIS_PER_DAY = 86_400_000;

  private ConnectValues() {}

  static @Nullable Object fromAvro(
      org.apache.avro.Schema avroSchema, Schema schema, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    org.apache.avro.Schema avro = ConnectSchemas.nonNull(avroSchema);
    if (Decimal.LOGICAL_NAME.equals(schema.name())) {
      return new BigDecimal(new BigInteger(bytes(value)), scale(schema));
    }
    if (Timestamp.LOGICAL_NAME.equals(schema.name())) {
      return new java.util.Date((Long) value);
    }
    if (Time.LOGICAL_NAME.equals(schema.name())) {
      return new java.util.Date((Integer) value);
    }
    if (Date.LOGICAL_NAME.equals(schema.name())) {
      return new java.util.Date((Integer) value * MILLIS_PER_DAY);
    }
    return switch (schema.type()) {
      case STRING -> value.toString();
      case BYTES -> bytes(value);
      case INT8 -> (byte) within((Integer) value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case INT16 -> (short) within((Integer) value, Short.MIN_VALUE, Short.MAX_VALUE);
      case STRUCT -> struct(avro, schema, (GenericRecord) value);
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (Object element : (Collection<?>) value) {
          list.add(fromAvro(avro.getElementType(), schema.valueSchema(), element));
        }
        yield list;
      }
      case MAP -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        ((Map<?, ?>) value)
            .forEach(
                (key, v) ->
                    map.put(
                        key.toString(), fromAvro(avro.getValueType(), schema.valueSchema(), v)));
        yield map;
      }
      default -> value;
    };
  }

  static Struct struct(org.apache.avro.Schema avro, Schema schema, GenericRecord record) {
    Struct struct = new Struct(schema);
    for (Field field : schema.fields()) {
      struct.put(
          field,
          fromAvro(avro.getField(field.name()).schema(), field.schema(), record.get(field.name())));
    }
    return struct;
  }

  static @Nullable Object toAvro(
      org.apache.avro.Schema avroSchema, Schema schema, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    org.apache.avro.Schema avro = ConnectSchemas.nonNull(avroSchema);
    if (value instanceof BigDecimal decimal) {
      return ByteBuffer.wrap(decimal.unscaledValue().toByteArray());
    }
    if (value instanceof java.util.Date date) {
      long millis = date.getTime();
      if (Timestamp.LOGICAL_NAME.equals(schema.name())) {
        return millis;
      }
      return Math.toIntExact(
          Date.LOGICAL_NAME.equals(schema.name()) ? millis / MILLIS_PER_DAY : millis);
    }
    return switch (schema.type()) {
      case BYTES ->
          avro.getType() == org.apache.avro.Schema.Type.FIXED
              ? new GenericData.Fixed(avro, bytes(value))
              : ByteBuffer.wrap(bytes(value));
      case INT8, INT16 -> ((Number) value).intValue();
      case STRING ->
          avro.getType() == org.apache.avro.Schema.Type.ENUM
              ? new GenericData.EnumSymbol(avro, value)
              : value;
      case STRUCT -> record(avro, (Struct) value);
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (Object element : (Collection<?>) value) {
          list.add(toAvro(avro.getElementType(), schema.valueSchema(), element));
        }
        yield list;
      }
      case MAP -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        ((Map<?, ?>) value)
            .forEach(
                (key, v) ->
                    map.put(key.toString(), toAvro(avro.getValueType(), schema.valueSchema(), v)));
        yield map;
      }
      default -> value;
    };
  }

  static GenericRecord record(org.apache.avro.Schema avro, Struct struct) {
    GenericRecord record = new GenericData.Record(avro);
    for (Field field : struct.schema().fields()) {
      record.put(
          field.name(),
          toAvro(avro.getField(field.name()).schema(), field.schema(), struct.get(field)));
    }
    return record;
  }

  private static int within(int value, int least, int most) {
    if (value < least || value > most) {
      throw new ArithmeticException("overflow");
    }
    return value;
  }

  private static int scale(Schema schema) {
    return Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD));
  }

  private static byte[] bytes(Object value) {
    if (value instanceof byte[] array) {
      return array;
    }
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] array = new byte[buffer.remaining()];
    buffer.get(array);
    return array;
  }
}
