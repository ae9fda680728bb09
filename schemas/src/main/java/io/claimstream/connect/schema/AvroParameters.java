/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.connect.data.Schema;

/**
 * Avro types that Connect lacks, as parameters of a Connect schema. They have the names that Avro
 * converters use, so that the converters restore the Avro type.
 */
public final class AvroParameters {
  static final String ENUM = "io.confluent.connect.avro.Enum";
  static final String FIXED_SIZE = "connect.fixed.size";
  static final String PRECISION = "connect.decimal.precision";
  static final String LOGICAL_TYPE = "io.claimstream.logical.type"; // converters drop uuid
  static final String UUID = "uuid";

  private AvroParameters() {}

  /** Returns the symbols of an enum; empty for any other schema. */
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

  /** Returns the number of bytes of a fixed; empty for any other schema. */
  public static OptionalInt fixedSize(Schema schema) {
    String size = parameters(schema).get(FIXED_SIZE);
    return size == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(size));
  }

  /** Returns the maximum number of digits of a decimal; empty if unlimited. */
  public static OptionalInt precision(Schema schema) {
    String precision = parameters(schema).get(PRECISION);
    return precision == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(precision));
  }

  /** Returns whether a string must be a UUID. */
  public static boolean isUuid(Schema schema) {
    return UUID.equals(parameters(schema).get(LOGICAL_TYPE));
  }

  /** Returns whether any text is valid. */
  public static boolean isPlainString(Schema schema) {
    return schema.type() == Schema.Type.STRING && schema.name() == null && !isUuid(schema);
  }

  private static Map<String, String> parameters(Schema schema) {
    Map<String, String> parameters = schema.parameters();
    return parameters == null ? Map.of() : parameters;
  }
}
