/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Decimals as producers write them. Money is never rounded: what does not fit is refused. */
final class DecimalText {
  private static final int LONGEST = 1000;
  private static final int LARGEST_EXPONENT = 1000;

  private DecimalText() {}

  /**
   * The number with exactly that scale.
   *
   * @param precision most digits; 0 = any number
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

  /** Bounded in length and exponent: 1e999999999 would take all memory to write out. */
  private static BigDecimal number(String text) throws FieldException {
    try {
      BigDecimal number = new BigDecimal(isPlain(text) ? text : "none");
      if (Math.abs((long) number.scale()) > LARGEST_EXPONENT) {
        throw new FieldException("is no reasonable number");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new FieldException("is no number");
    }
  }

  /** BigDecimal itself takes the digits of every script. */
  private static boolean isPlain(String text) {
    boolean plain = text.length() <= LONGEST;
    for (int i = 0; plain && i < text.length(); i++) {
      plain = text.charAt(i) < 0x80;
    }
    return plain;
  }
}
