/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Rejects changes that Avro's own checker allows although the same bytes would get another meaning:
 * a decimal of another scale would be another amount, a date read as a time another instant.
 */
final class MeaningCheck {
  private final String newer;
  private final String older;

  private MeaningCheck(String newer, String older) {
    this.newer = newer;
    this.older = older;
  }

  /**
   * Compares two versions that Avro's checker considers compatible.
   *
   * @param newer the name of the reading version, for messages
   * @param older the name of the writing version, for messages
   * @throws SchemaException with the name of the field whose meaning changes
   */
  static void check(String newer, Schema reader, String older, Schema writer) {
    new MeaningCheck(newer, older).compare(reader, writer, "");
  }

  private void compare(Schema readerOrNull, Schema writerOrNull, String path) {
    Schema reader = ConnectSchemas.nonNull(readerOrNull);
    Schema writer = ConnectSchemas.nonNull(writerOrNull);
    switch (reader.getType()) {
      case RECORD -> reader.getFields().forEach(field -> compareField(field, writer, path));
      case ARRAY -> compare(reader.getElementType(), writer.getElementType(), path + "[]");
      case MAP -> compare(reader.getValueType(), writer.getValueType(), path + "{}");
      default -> {
        if (!meansTheSame(reader, writer)) {
          throw new SchemaException(
              newer
                  + ": field '"
                  + path
                  + "' would change the meaning of values of "
                  + older
                  + ": "
                  + writer
                  + " became "
                  + reader,
              null);
        }
      }
    }
  }

  private void compareField(Schema.Field field, Schema writer, String path) {
    Schema.Field former = former(field, writer);
    if (former != null) {
      String name = path.isEmpty() ? field.name() : path + '.' + field.name();
      compare(field.schema(), former.schema(), name);
    }
  }

  private static Schema.@Nullable Field former(Schema.Field field, Schema writer) {
    Schema.Field same = writer.getField(field.name());
    return same != null
        ? same
        : field.aliases().stream()
            .map(writer::getField)
            .filter(former -> former != null)
            .findFirst()
            .orElse(null);
  }

  private static boolean meansTheSame(Schema reader, Schema writer) {
    LogicalType now = reader.getLogicalType();
    LogicalType before = writer.getLogicalType();
    if (now instanceof LogicalTypes.Decimal to && before instanceof LogicalTypes.Decimal from) {
      return to.getScale() == from.getScale() && to.getPrecision() >= from.getPrecision();
    }
    if (now == null && before == null) {
      boolean textOfBytes = reader.getType() == Type.STRING && writer.getType() == Type.BYTES;
      return !textOfBytes && bits(reader) >= bits(writer);
    }
    return now == null
        ? before.getName().equals(AvroParameters.UUID)
        : before != null && now.getName().equals(before.getName());
  }

  /** Returns the bits of an integer in Connect; other types are left to Avro's checker. */
  private static int bits(Schema schema) {
    String narrower = schema.getProp(ConnectSchemas.CONNECT_TYPE);
    return switch (narrower == null ? "" : narrower) {
      case "int8" -> Byte.SIZE;
      case "int16" -> Short.SIZE;
      default -> Integer.SIZE;
    };
  }
}
