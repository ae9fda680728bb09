/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.stream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The id of a stream entry, {@code <milliseconds>-<sequence>}, ordered as Redis orders entries.
 *
 * @param millis milliseconds since the epoch on the server that made the id; unsigned 64 bit
 * @param sequence distinguishes entries of one millisecond; unsigned 64 bit
 * @see <a href="https://redis.io/docs/latest/develop/data-types/streams/">Redis Streams</a>
 */
public record EntryId(long millis, long sequence) implements Comparable<EntryId> {

  /** Lower than every entry's id; the group offset {@code 0}. */
  public static final EntryId ZERO = new EntryId(0, 0);

  /** The highest possible id. */
  public static final EntryId MAX = new EntryId(-1L, -1L);

  private static final int SHORT = 18;

  /** Returns the lowest possible id of an entry that was appended at that instant. */
  public static EntryId at(Instant instant) {
    return new EntryId(instant.toEpochMilli(), 0);
  }

  /**
   * Parses an id in Redis' format.
   *
   * @throws IllegalArgumentException if the bytes are not an id
   */
  public static EntryId parse(byte[] bytes) {
    int dash = 0;
    while (dash < bytes.length && bytes[dash] != '-') {
      dash++;
    }
    return isShort(bytes, 0, dash) && isShort(bytes, dash + 1, bytes.length)
        ? new EntryId(number(bytes, 0, dash), number(bytes, dash + 1, bytes.length))
        : parse(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** Returns whether the number needs no unsigned arithmetic. */
  private static boolean isShort(byte[] bytes, int from, int to) {
    boolean isShort = to > from && to - from <= SHORT;
    for (int i = from; isShort && i < to; i++) {
      isShort = bytes[i] >= '0' && bytes[i] <= '9';
    }
    return isShort;
  }

  private static long number(byte[] digits, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + (digits[i] - '0');
    }
    return number;
  }

  /**
   * Parses {@code 1724149800000-3}, or {@code 1724149800000} for that millisecond's first sequence.
   *
   * @throws IllegalArgumentException if the text is not an id; the message quotes it
   */
  public static EntryId parse(String text) {
    int dash = text.indexOf('-');
    try {
      return dash < 0
          ? new EntryId(Long.parseUnsignedLong(text), 0)
          : new EntryId(
              Long.parseUnsignedLong(text.substring(0, dash)),
              Long.parseUnsignedLong(text.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a stream id: expected <milliseconds>-<sequence>", e);
    }
  }

  /**
   * Returns the next higher id, for ranges that exclude their start.
   *
   * @throws ArithmeticException at {@link #MAX}
   */
  public EntryId next() {
    if (sequence != -1L) {
      return new EntryId(millis, sequence + 1);
    }
    if (millis == -1L) {
      throw new ArithmeticException("no stream id is above " + this);
    }
    return new EntryId(millis + 1, 0);
  }

  /**
   * Returns the next lower id: a group set to it reads this entry next.
   *
   * @throws ArithmeticException at {@link #ZERO}
   */
  public EntryId previous() {
    if (sequence != 0) {
      return new EntryId(millis, sequence - 1);
    }
    if (millis == 0) {
      throw new ArithmeticException("no stream id is below " + this);
    }
    return new EntryId(millis - 1, -1L);
  }

  /** Returns whether this id follows the other one in its stream. */
  public boolean isAfter(EntryId other) {
    return compareTo(other) > 0;
  }

  /** Returns the lower of two ids. */
  public static EntryId lower(EntryId one, EntryId other) {
    return one.isAfter(other) ? other : one;
  }

  /** Returns the higher of two ids. */
  public static EntryId higher(EntryId one, EntryId other) {
    return one.isAfter(other) ? one : other;
  }

  /**
   * Differs for the ids of a batch, which are few milliseconds with many sequence numbers each. A
   * record's own hash code is the same for ids of adjacent milliseconds.
   */
  @Override
  public int hashCode() {
    return Long.hashCode(millis * 0x9E3779B97F4A7C15L + sequence);
  }

  @Override
  public int compareTo(EntryId other) {
    int byMillis = Long.compareUnsigned(millis, other.millis);
    return byMillis != 0 ? byMillis : Long.compareUnsigned(sequence, other.sequence);
  }

  @Override
  public String toString() {
    return millis >= 0 && sequence >= 0
        ? millis + "-" + sequence // the same in one call
        : Long.toUnsignedString(millis) + '-' + Long.toUnsignedString(sequence);
  }
}
