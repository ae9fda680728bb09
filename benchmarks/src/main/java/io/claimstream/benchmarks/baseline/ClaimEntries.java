/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Claim events as producers write them, about 160 bytes each: the same number always gives the same
 * event. They have no version, so they are read as version 1 and emitted as the latest.
 */
public final class ClaimEntries {
  /** The field that pads an entry to a given size. */
  static final String NOTE = "note";

  private static final long START = 1_724_149_800_000L;
  private static final int CLAIMS = 200_000;
  private static final int CUSTOMERS = 20_000;
  private static final List<String> TYPES =
      List.of(
          "claim_submitted", "document_uploaded", "claim_reviewed", "claim_approved", "claim_paid");
  private static final List<String> REGIONS = List.of("north", "south", "east", "west");
  private static final List<String> CHANNELS = List.of("web", "mobile", "agent", "phone");

  private final boolean withAttributes;
  private final String note;

  private ClaimEntries(boolean withAttributes, String note) {
    this.withAttributes = withAttributes;
    this.note = note;
  }

  /** Returns events of the usual size. */
  public static ClaimEntries usual() {
    return new ClaimEntries(true, "");
  }

  /**
   * Returns events of about that many bytes, names and values together; at least about a hundred.
   */
  public static ClaimEntries ofBytes(int bytes) {
    int missing = bytes - size(usual().event(0)) - NOTE.length();
    return new ClaimEntries(missing >= 0, "n".repeat(Math.max(0, missing)));
  }

  /** Returns an event; its attributes are in the order in which they are written. */
  Event event(long number) {
    // spreads neighbours, so that compression works as with real streams
    long mixed = (number * 0x9E3779B97F4A7C15L) >>> 17;
    return new Event(
        pick(TYPES, mixed),
        "CLM-" + (100_000 + mixed % CLAIMS),
        "CUST-" + (10_000 + mixed % CUSTOMERS),
        START + number,
        BigDecimal.valueOf(4_000 + mixed % 1_500_000, 2),
        withAttributes ? attributes(mixed) : List.of());
  }

  private List<String> attributes(long mixed) {
    List<String> attributes = new ArrayList<>();
    attributes.add("region");
    attributes.add(pick(REGIONS, mixed >>> 3));
    attributes.add("channel");
    attributes.add(pick(CHANNELS, mixed >>> 7));
    attributes.add("policy_number");
    attributes.add("POL-" + (1_000_000 + mixed % 900_000));
    attributes.add("status");
    attributes.add(mixed % 50 == 0 ? "failed" : "ok");
    if (!note.isEmpty()) {
      attributes.add(NOTE);
      attributes.add(note);
    }
    return attributes;
  }

  /** Returns names and values, alternating, as {@code XADD} takes them. */
  public List<String> fields(long number) {
    return event(number).fields();
  }

  private static int size(Event event) {
    return event.fields().stream().mapToInt(String::length).sum();
  }

  private static String pick(List<String> choices, long by) {
    return choices.get((int) (by % choices.size()));
  }

  /** The contents of an entry. */
  record Event(
      String type,
      String claimId,
      String customerId,
      long timeMillis,
      BigDecimal amount,
      List<String> attributes) {

    List<String> fields() {
      List<String> fields = new ArrayList<>(List.of("type", type, "claim_id", claimId));
      fields.addAll(List.of("customer_id", customerId));
      fields.addAll(List.of("timestamp", Instant.ofEpochMilli(timeMillis).toString()));
      fields.addAll(List.of("amount", amount.toPlainString()));
      fields.addAll(attributes);
      return fields;
    }

    Map<String, String> attributesByName() {
      Map<String, String> byName = new LinkedHashMap<>();
      for (int i = 0; i < attributes.size(); i += 2) {
        byName.put(attributes.get(i), attributes.get(i + 1));
      }
      return byName;
    }
  }
}
