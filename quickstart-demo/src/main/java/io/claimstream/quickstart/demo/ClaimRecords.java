/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Reads {@code claim-event} records from the topic. */
final class ClaimRecords {
  private static final Conversions.DecimalConversion DECIMALS = new Conversions.DecimalConversion();

  private ClaimRecords() {}

  /** Returns a text field that every event has. */
  static String text(GenericRecord event, String field) {
    return event.get(field).toString();
  }

  /** Returns the event's contribution to the analytics. */
  static Figures figures(GenericRecord event) {
    return Figures.ofOne(amount(event), failed(event));
  }

  private static @Nullable BigDecimal amount(GenericRecord event) {
    Object bytes = event.get("amount");
    if (bytes == null) {
      return null;
    }
    Schema decimal = present(event.getSchema().getField("amount").schema());
    return DECIMALS.fromBytes(
        (ByteBuffer) bytes, decimal, LogicalTypes.fromSchemaIgnoreInvalid(decimal));
  }

  private static Schema present(Schema optional) {
    return optional.getTypes().stream()
        .filter(branch -> branch.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  private static boolean failed(GenericRecord event) {
    return ClaimEvent.FAILED.equals(status(event));
  }

  /** Returns the status: a field since version 2, an attribute in events of older producers. */
  static @Nullable String status(GenericRecord event) {
    if (event.hasField(ClaimEvent.STATUS) && event.get(ClaimEvent.STATUS) != null) {
      return text(event, ClaimEvent.STATUS);
    }
    // Avro's map has Utf8 keys, which are not equal to a String
    return ((Map<?, ?>) event.get("attributes"))
        .entrySet().stream()
            .filter(attribute -> attribute.getKey().toString().equals(ClaimEvent.STATUS))
            .map(attribute -> attribute.getValue().toString())
            .findFirst()
            .orElse(null);
  }
}
