/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the load appended: claims with rising numbers, each appended once at most. An append that
 * got no reply may have happened or not; the stream in Redis tells. Safe for use by several
 * threads.
 */
final class Ledger {
  private static final int ONE_BAD_IN = 97;

  private final BitSet answered = new BitSet();
  private final BitSet refused = new BitSet();
  private final Map<Integer, String> ids = new HashMap<>();
  private int windowStart;
  private int next;

  /** Whether the claim of that number cannot be decoded, so that it must become a dead letter. */
  static boolean isBad(int number) {
    return number % ONE_BAD_IN == ONE_BAD_IN - 1;
  }

  /** The entry of that number. */
  static List<Object> entry(int number) {
    return List.of(
        "type",
        "claim_submitted",
        "claim_id",
        "CLM-" + number,
        "customer_id",
        "CUST-" + number % 10,
        "timestamp",
        "2024-08-20T10:30:00Z",
        "amount",
        isBad(number) ? "much" : amount(number),
        "region",
        "north");
  }

  /** The amount of a good entry, as text. */
  static String amount(int number) {
    return number + ".50";
  }

  /** The number in a claim's id. */
  static int number(String claimId) {
    return Integer.parseInt(claimId.substring("CLM-".length()));
  }

  /** Notes that so many entries are about to be appended, and returns the first's number. */
  synchronized int begin(int count) {
    int first = next;
    next += count;
    return first;
  }

  /** Notes Redis' reply: an id, or null if Redis refused the entry. */
  synchronized void answered(int number, @Nullable String id) {
    if (id == null) {
      refused.set(number);
    } else {
      answered.set(number);
      ids.put(number, id);
    }
  }

  /** The number of the next entry. */
  synchronized int next() {
    return next;
  }

  /** The number of the first entry since the last checkpoint. */
  synchronized int windowStart() {
    return windowStart;
  }

  /** Begins a new window: all entries so far are checked. */
  synchronized void closeWindow() {
    windowStart = next;
    ids.clear();
  }

  synchronized boolean wasAnswered(int number) {
    return answered.get(number);
  }

  synchronized boolean wasRefused(int number) {
    return refused.get(number);
  }

  /** The id that Redis gave to an entry since the last checkpoint. */
  synchronized @Nullable String id(int number) {
    return ids.get(number);
  }

  /** How many got no reply. */
  synchronized int unanswered() {
    return next - answered.cardinality() - refused.cardinality();
  }

  synchronized int refusedCount() {
    return refused.cardinality();
  }
}
