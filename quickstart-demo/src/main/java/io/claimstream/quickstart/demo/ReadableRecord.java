/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Avro records as readable text: amounts, dates and times in their usual form. */
final class ReadableRecord {

  private ReadableRecord() {}

  /** Returns the fields that have a value, in the order of the schema. */
  static Map<String, String> of(GenericRecord record) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (Schema.Field field : record.getSchema().getFields()) {
      String text = text(record.get(field.pos()), field.schema());
      if (text != null && !text.equals("{}")) {
        fields.put(field.name(), text);
      }
    }
    return fields;
  }

  private static @Nullable String text(@Nullable Object value, Schema schema) {
    if (value == null) {
      return null;
    }
    if (schema.isUnion()) {
      return schema.getTypes().stream()
          .filter(branch -> branch.getType() != Schema.Type.NULL)
          .findFirst()
          .map(branch -> text(value, branch))
          .orElseGet(value::toString);
    }
    LogicalType type = LogicalTypes.fromSchemaIgnoreInvalid(schema);
    if (type instanceof LogicalTypes.Decimal && value instanceof ByteBuffer bytes) {
      return new Conversions.DecimalConversion()
          .fromBytes(bytes.duplicate(), schema, type)
          .toPlainString();
    }
    if (type instanceof LogicalTypes.TimestampMillis && value instanceof Long millis) {
      return Instant.ofEpochMilli(millis).toString();
    }
    if (type instanceof LogicalTypes.Date && value instanceof Integer day) {
      return LocalDate.ofEpochDay(day).toString();
    }
    return value instanceof GenericRecord inner ? of(inner).toString() : value.toString();
  }
}
