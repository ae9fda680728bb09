/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

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
    try {
      long[] parts = Stream.of(text.split(" ", -1)).mapToLong(Long::parseLong).toArray();
      return Optional.of(parts)
          .filter(three -> three.length == 3 && Arrays.stream(three).allMatch(n -> n >= UNKNOWN))
          .map(three -> new StoredOffset(three[0], three[1], three[2]))
          .filter(parsed -> parsed.toString().equals(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
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
