/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;

/** The symbols of an Avro enum, which Connect carries as parameters of a string. */
public final class EnumSymbols {
  static final String PREFIX = "io.confluent.connect.avro.Enum";

  private EnumSymbols() {}

  /** What values may be; empty if any text may. */
  public static List<String> of(Schema schema) {
    Map<String, String> parameters = schema.parameters();
    return parameters == null || !parameters.containsKey(PREFIX)
        ? List.of()
        : parameters.entrySet().stream()
            .filter(parameter -> parameter.getKey().startsWith(PREFIX + '.'))
            .map(Map.Entry::getValue)
            .sorted()
            .toList();
  }
}
