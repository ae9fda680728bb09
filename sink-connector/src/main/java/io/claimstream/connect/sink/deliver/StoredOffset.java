/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value that Redis stores beside a stream for one topic-partition.
 *
 * @param offset the offset of the last record that is in the stream or needs no entry; -1 before
 *     the first record
 * @param newest the newest timestamp of those records, in milliseconds since the epoch; -1 if
 *     unknown
 * @param committed an offset that Kafka has committed for the partition; -1 if unknown
 */
record StoredOffset(long offset, long newest, long committed) {
  /** A timestamp or offset that is not known. */
  static final long UNKNOWN = -1;

  private static final String NUMBER = "(-1|0|[1-9]\\d{0,18})";
  private static final Pattern TEXT = Pattern.compile(NUMBER + ' ' + NUMBER + ' ' + NUMBER);

  /**
   * Returns the stored offset before the record at that offset, with unknown timestamp and commit.
   */
  static StoredOffset before(long next) {
    return new StoredOffset(next - 1, UNKNOWN, UNKNOWN);
  }

  /**
   * Returns the stored offset before the record at that offset; earlier records may be as new as
   * {@code newest}.
   */
  static StoredOffset before(long next, Instant newest) {
    return new StoredOffset(next - 1, newest.toEpochMilli(), UNKNOWN);
  }

  /** Parses exactly the format of {@link #toString}, because the script compares texts. */
  static Optional<StoredOffset> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    try {
      return parts.matches()
          ? Optional.of(new StoredOffset(number(parts, 1), number(parts, 2), number(parts, 3)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty(); // exceeds a long
    }
  }

  private static long number(Matcher parts, int group) {
    return Long.parseLong(parts.group(group));
  }

  /** Returns the offset of the next record. */
  long next() {
    return offset + 1;
  }

  /** Returns the part of the stored value after the offset. */
  String rest() {
    return newest + " " + committed;
  }

  /** Returns {@code <offset> <newest timestamp> <committed offset>}, as stored in Redis. */
  @Override
  public String toString() {
    return offset + " " + rest();
  }
}
