/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.StartPosition;

/**
 * An inclusive range of stream ids, as in {@code XRANGE}.
 *
 * @param from the lowest id of the range
 * @param to the highest id of the range; {@link EntryId#MAX} for a range without an end
 */
record StreamRange(EntryId from, EntryId to) {

  /** Parses the first id: {@code 0}, a stream id, or an ISO-8601 instant. */
  static EntryId parseFrom(String text) {
    EntryId after = StartPosition.parseId(text.trim());
    return isInstant(text) && !after.equals(EntryId.ZERO) ? after.next() : after;
  }

  /**
   * Parses the last id: empty for none, a stream id, or an ISO-8601 instant. An id without a
   * sequence and an instant include all entries of their millisecond.
   */
  static EntryId parseTo(String text) {
    if (text.isBlank()) {
      return EntryId.MAX;
    }
    EntryId parsed = parseFrom(text);
    return text.contains("-") && !isInstant(text) ? parsed : new EntryId(parsed.millis(), -1L);
  }

  private static boolean isInstant(String text) {
    return text.contains("T");
  }

  /** Whether the range has an end. */
  boolean hasEnd() {
    return !to.equals(EntryId.MAX);
  }

  /** Whether an entry belongs to the range or is before it. */
  boolean endsAtOrAfter(EntryId id) {
    return !id.isAfter(to);
  }

  /** The id after which reading starts. */
  EntryId start() {
    return from.equals(EntryId.ZERO) ? EntryId.ZERO : from.previous();
  }

  @Override
  public String toString() {
    return from + " to " + (hasEnd() ? to : "the end of the stream");
  }
}
