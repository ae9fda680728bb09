/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;

/**
 * Parser of values of one schema: scalars from text; records, arrays and maps from JSON; bytes
 * unchanged (base64 within JSON). Values are never rounded or guessed.
 *
 * <p>It is made once for a schema, because looking up names and parameters takes longer than most
 * values.
 */
interface FieldParser {

  /** Returns the parser for a schema. */
  static FieldParser of(Schema schema) {
    return switch (schema.type()) {
      case STRUCT, ARRAY, MAP -> ContainerParser.of(schema);
      case STRING -> new StringParser(schema);
      case BYTES ->
          Decimal.LOGICAL_NAME.equals(schema.name())
              ? ScalarParser.of(schema)
              : new BytesParser(schema);
      default -> ScalarParser.of(schema);
    };
  }

  /** Parses the value of an entry's field. */
  Object parse(byte[] value) throws FieldException;

  /** Parses a value within JSON that is not null. */
  Object parse(JsonNode node) throws FieldException;

  /** Refuses an object or array where the schema has a scalar. */
  static void requireScalar(JsonNode node) throws FieldException {
    if (node.isContainerNode()) {
      throw new FieldException("is a JSON object or array, but the schema has a scalar");
    }
  }
}
