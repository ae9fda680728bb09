/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Checks for the ten ASCII digits; digits of other scripts do not count. */
final class Digits {

  private Digits() {}

  /** Whether a text consists of at least one and at most {@code most} digits. */
  static boolean are(String text, int most) {
    return !text.isEmpty() && text.length() <= most && are(text, 0, text.length());
  }

  /** Whether a part of a text, which may be empty, consists of digits only. */
  static boolean are(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
