/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value that Redis holds beside a stream for one topic-partition.
 *
 * @param offset of the last record that is in the stream, or that needs no entry there; -1 if the
 *     first record is still to come
 * @param newest the newest timestamp of those records, in milliseconds since the epoch; -1 if
 *     unknown
 */
record StoredOffset(long offset, long newest) {
  private static final long UNKNOWN = -1;
  private static final Pattern TEXT = Pattern.compile("(-1|\\d{1,18}) (-1|\\d{1,18})");

  /** The stored offset before the record at that offset, of which no timestamp is known. */
  static StoredOffset before(long next) {
    return new StoredOffset(next - 1, UNKNOWN);
  }

  /** Reads what {@link #toString} writes; empty if it is something else. */
  static Optional<StoredOffset> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    return parts.matches()
        ? Optional.of(
            new StoredOffset(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2))))
        : Optional.empty();
  }

  /** The same records and one or more after them. */
  StoredOffset advancedTo(long later, long timestamp) {
    return new StoredOffset(later, Math.max(newest, timestamp));
  }

  /** The offset of the record that follows. */
  long next() {
    return offset + 1;
  }

  /** {@code <offset> <newest timestamp>}, as Redis holds it. */
  @Override
  public String toString() {
    return offset + " " + newest;
  }
}
