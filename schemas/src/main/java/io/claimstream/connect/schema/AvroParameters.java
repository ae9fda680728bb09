/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.connect.data.Schema;

/**
 * What Avro knows and Connect has no type for. It travels as parameters of a schema, named as Avro
 * converters name them, so that they make the same Avro type of it again.
 */
public final class AvroParameters {
  static final String ENUM = "io.confluent.connect.avro.Enum";
  static final String FIXED_SIZE = "connect.fixed.size";
  static final String PRECISION = "connect.decimal.precision";
  static final String LOGICAL_TYPE = "io.claimstream.logical.type"; // converters drop uuid
  static final String UUID = "uuid";

  private AvroParameters() {}

  /** The symbols of an enum; empty if the schema is none. */
  public static List<String> symbols(Schema schema) {
    Map<String, String> parameters = parameters(schema);
    return !parameters.containsKey(ENUM)
        ? List.of()
        : parameters.entrySet().stream()
            .filter(parameter -> parameter.getKey().startsWith(ENUM + '.'))
            .map(Map.Entry::getValue)
            .sorted()
            .toList();
  }

  /** How many bytes a fixed has; empty if the schema is none. */
  public static OptionalInt fixedSize(Schema schema) {
    String size = parameters(schema).get(FIXED_SIZE);
    return size == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(size));
  }

  /** The most digits a decimal may have; empty if any number of them. */
  public static OptionalInt precision(Schema schema) {
    String precision = parameters(schema).get(PRECISION);
    return precision == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(precision));
  }

  /** Whether a string must be a UUID. */
  public static boolean isUuid(Schema schema) {
    return UUID.equals(parameters(schema).get(LOGICAL_TYPE));
  }

  /** Whether any text will do. */
  public static boolean isPlainString(Schema schema) {
    return schema.type() == Schema.Type.STRING && schema.name() == null && !isUuid(schema);
  }

  private static Map<String, String> parameters(Schema schema) {
    Map<String, String> parameters = schema.parameters();
    return parameters == null ? Map.of() : parameters;
  }
}
