/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event as a claims system would write it to Redis.
 *
 * @param type what happened
 * @param claimId the claim it happened to
 * @param customerId whose claim it is
 * @param timestamp when it happened, in whole milliseconds
 * @param amount in the claim's currency, with two decimals; null if the event has none
 * @param attributes further fields, in the order they are written
 */
record ClaimEvent(
    String type,
    String claimId,
    String customerId,
    Instant timestamp,
    @Nullable BigDecimal amount,
    Map<String, String> attributes) {

  static final String STATUS = "status";
  static final String FAILED = "failed";

  boolean failed() {
    return FAILED.equals(attributes.get(STATUS));
  }

  /** Names and values in turn, as {@code XADD} takes them. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    add(fields, "type", type);
    add(fields, "claim_id", claimId);
    add(fields, "customer_id", customerId);
    add(fields, "timestamp", timestamp.toString());
    if (amount != null) {
      add(fields, "amount", amount.toPlainString());
    }
    attributes.forEach((name, value) -> add(fields, name, value));
    return fields;
  }

  private static void add(List<String> fields, String name, String value) {
    fields.add(name);
    fields.add(value);
  }
}
