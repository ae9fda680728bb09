/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.time.Instant;
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
 * @param committed an offset that Kafka has committed for the partition; -1 if unknown
 */
record StoredOffset(long offset, long newest, long committed) {
  private static final long UNKNOWN = -1;
  private static final String NUMBER = "(-1|0|[1-9]\\d{0,18})";
  private static final Pattern TEXT = Pattern.compile(NUMBER + ' ' + NUMBER + ' ' + NUMBER);

  /** The stored offset before the record at that offset, of which nothing else is known. */
  static StoredOffset before(long next) {
    return new StoredOffset(next - 1, UNKNOWN, UNKNOWN);
  }

  /** The same, where the records before that offset may be as new as that. */
  static StoredOffset before(long next, Instant newest) {
    return new StoredOffset(next - 1, newest.toEpochMilli(), UNKNOWN);
  }

  /** Reads what {@link #toString} writes, and nothing else: the script compares texts. */
  static Optional<StoredOffset> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    try {
      return parts.matches()
          ? Optional.of(new StoredOffset(number(parts, 1), number(parts, 2), number(parts, 3)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty(); // beyond a long
    }
  }

  private static long number(Matcher parts, int group) {
    return Long.parseLong(parts.group(group));
  }

  /** The offset of the record that follows. */
  long next() {
    return offset + 1;
  }

  /** What Redis holds behind the offset. */
  String rest() {
    return newest + " " + committed;
  }

  /** {@code <offset> <newest timestamp> <committed offset>}, as Redis holds it. */
  @Override
  public String toString() {
    return offset + " " + rest();
  }
}
