/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** The ten ASCII digits; digits of other scripts do not count. */
final class Digits {

  private Digits() {}

  /** Whether a part of a text, which may be empty, consists of digits only. */
  static boolean are(byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the number that digits stand for, or its negative.
   *
   * @throws ArithmeticException if it is out of the range of a long
   */
  static long number(byte[] text, int from, int to, boolean isNegative) {
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = text[i] - '0';
      number = Math.addExact(Math.multiplyExact(number, 10L), isNegative ? -digit : digit);
    }
    return number;
  }

  /** Returns the number that at most nine digits stand for. */
  static int number(byte[] text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + (text[i] - '0');
    }
    return number;
  }
}
