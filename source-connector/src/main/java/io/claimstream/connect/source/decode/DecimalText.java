/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Parser of decimals as producers write them. Amounts are never rounded: a value that does not fit
 * is rejected.
 */
final class DecimalText {
  private static final int LONGEST = 1000;
  private static final int LARGEST_EXPONENT = 1000;

  private DecimalText() {}

  /**
   * Parses a number and gives it exactly the given scale.
   *
   * @param precision maximum number of digits; 0 = no limit
   */
  static BigDecimal parse(String text, int precision, int scale) throws FieldException {
    BigDecimal number = number(text);
    try {
      BigDecimal scaled = number.setScale(scale, RoundingMode.UNNECESSARY);
      if (precision > 0 && scaled.precision() > precision) {
        throw new FieldException("has more than " + precision + " digits");
      }
      return scaled;
    } catch (ArithmeticException e) {
      throw new FieldException("has more than " + scale + " decimals");
    }
  }

  /**
   * Parses a number of bounded length and exponent: 1e999999999 would exhaust the memory when
   * written out.
   */
  private static BigDecimal number(String text) throws FieldException {
    try {
      BigDecimal number = new BigDecimal(isPlain(text) ? text : "none");
      if (Math.abs((long) number.scale()) > LARGEST_EXPONENT) {
        throw new FieldException("is not a number with a reasonable exponent");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new FieldException("is not a number");
    }
  }

  /** Checks for ASCII, because BigDecimal accepts the digits of every script. */
  private static boolean isPlain(String text) {
    boolean plain = text.length() <= LONGEST;
    for (int i = 0; plain && i < text.length(); i++) {
      plain = text.charAt(i) < 0x80;
    }
    return plain;
  }
}
