/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import org.apache.kafka.connect.errors.DataException;

/**
 * Limits on the entry that one record becomes. A few bytes in Kafka can stand for gigabytes of
 * text, such as a decimal of scale -2,000,000,000. Each limit is therefore checked before the work
 * is done, and a record that exceeds one is a bad record instead of an error that kills the worker.
 */
final class EntryLimits {
  /** Maximum bytes of all names and values of an entry. */
  static final int BYTES = 32 << 20;

  /** Maximum nesting depth of containers, which common JSON readers accept as well. */
  private static final int DEPTH = 1_000;

  /** Maximum digits of a number as plain text, before and after the decimal point together. */
  private static final int DIGITS = 1_000;

  /**
   * Maximum bits of a number: more bits always exceed {@code DIGITS}, without counting the digits.
   */
  private static final int BITS = 4 * DIGITS;

  private EntryLimits() {}

  static void checkDepth(int depth) {
    if (depth > DEPTH) {
      throw new DataException("is nested more than " + number(DEPTH) + " levels deep");
    }
  }

  static void checkDigits(BigDecimal decimal) {
    int scale = decimal.scale();
    if (scale < -DIGITS || scale > DIGITS || decimal.unscaledValue().bitLength() > BITS) {
      throw tooManyDigits();
    }
    int digits = decimal.precision();
    if ((scale < 0 ? digits - scale : Math.max(digits, scale + 1)) > DIGITS) {
      throw tooManyDigits();
    }
  }

  static void checkDigits(BigInteger integer) {
    if (integer.bitLength() > BITS) {
      throw tooManyDigits();
    }
  }

  private static DataException tooManyDigits() {
    return new DataException(
        "contains a number of more than " + number(DIGITS) + " digits in plain notation");
  }

  static void checkBytes(long bytes, int left) {
    if (bytes > left) {
      throw new DataException(
          "makes the entry larger than " + number(BYTES) + " bytes, the maximum size of an entry");
    }
  }

  private static String number(int limit) {
    return String.format(Locale.ROOT, "%,d", limit);
  }
}
