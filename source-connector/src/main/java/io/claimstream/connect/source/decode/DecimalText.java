/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parser of decimals as producers write them. Amounts are never rounded: a value that does not fit
 * is rejected.
 */
final class DecimalText {
  private static final int LONGEST = 1000;
  private static final int LARGEST_EXPONENT = 1000;

  /** Form of a number. BigDecimal also accepts the digits of every script. */
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?");

  /** Digits that always fit into a long. */
  private static final int DIGITS_OF_LONG = 18;

  private DecimalText() {}

  /**
   * Parses a number and gives it exactly the given scale.
   *
   * @param precision maximum number of digits; 0 = no limit
   */
  static BigDecimal parse(byte[] text, int precision, int scale) throws FieldException {
    BigDecimal usual = usual(text, scale);
    BigDecimal number = usual == null ? general(EntryText.utf8(text), scale) : usual;
    if (precision > 0 && number.precision() > precision) {
      throw new FieldException("has more than " + precision + " digits");
    }
    return number;
  }

  /**
   * Parses digits, possibly with a point between them. Nearly all producers write this form, and
   * {@code BigDecimal}'s own parser takes several times as long for it.
   *
   * @return null for any other form
   */
  private static @Nullable BigDecimal usual(byte[] text, int scale) {
    boolean isNegative = text.length > 0 && text[0] == '-';
    int from = isNegative ? 1 : 0;
    int point = from;
    while (point < text.length && text[point] != '.') {
      point++;
    }
    int decimals = Math.max(0, text.length - point - 1);
    if (point == from
        || point == text.length - 1
        || decimals > scale
        || point - from + scale > DIGITS_OF_LONG
        || !Digits.are(text, from, point)
        || !Digits.are(text, Math.min(point + 1, text.length), text.length)) {
      return null;
    }
    long unscaled = Digits.number(text, from, point, isNegative);
    for (int i = 1; i <= scale; i++) {
      int digit = i <= decimals ? text[point + i] - '0' : 0;
      unscaled = unscaled * 10 + (isNegative ? -digit : digit);
    }
    return BigDecimal.valueOf(unscaled, scale);
  }

  private static BigDecimal general(String text, int scale) throws FieldException {
    try {
      return number(text).setScale(scale, RoundingMode.UNNECESSARY);
    } catch (ArithmeticException e) {
      throw new FieldException("has more than " + scale + " decimals");
    }
  }

  /**
   * Parses a number of bounded length and exponent: 1e999999999 would exhaust the memory when
   * written out.
   */
  private static BigDecimal number(String text) throws FieldException {
    if (text.length() > LONGEST || !NUMBER.matcher(text).matches()) {
      throw new FieldException("is not a number");
    }
    try {
      BigDecimal number = new BigDecimal(text);
      if (Math.abs((long) number.scale()) <= LARGEST_EXPONENT) {
        return number;
      }
    } catch (NumberFormatException e) {
      // the exponent is no int, and it depends on the version of Java which ones still are
    }
    throw new FieldException("is not a number with a reasonable exponent");
  }
}
