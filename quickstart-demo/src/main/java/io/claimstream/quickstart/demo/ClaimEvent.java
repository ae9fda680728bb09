/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as a claims system would write it to Redis.
 *
 * @param version the schema version; version 1 is not written, as by producers before version 2
 * @param type the type of event
 * @param claimId the claim's id
 * @param customerId the customer's id
 * @param timestamp the time of the event, in whole milliseconds
 * @param amount in euros, with two decimals; null if the event has none
 * @param further further fields, in the order they are written
 */
record ClaimEvent(
    int version,
    String type,
    String claimId,
    String customerId,
    Instant timestamp,
    @Nullable BigDecimal amount,
    Map<String, String> further) {

  static final String STATUS = "status";
  static final String FAILED = "failed";

  boolean failed() {
    return FAILED.equals(further.get(STATUS));
  }

  /** Returns names and values, alternating, as {@code XADD} takes them. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    fieldMap()
        .forEach(
            (name, value) -> {
              fields.add(name);
              fields.add(value);
            });
    return fields;
  }

  /** Returns the fields by name, in the order they are written. */
  Map<String, String> fieldMap() {
    Map<String, String> fields = new LinkedHashMap<>();
    if (version > 1) {
      fields.put("schema_version", Integer.toString(version));
    }
    fields.put("type", type);
    fields.put("claim_id", claimId);
    fields.put("customer_id", customerId);
    fields.put("timestamp", timestamp.toString());
    if (amount != null) {
      fields.put("amount", amount.toPlainString());
    }
    fields.putAll(further);
    return fields;
  }
}
