/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** The ten digits of ASCII; those of other scripts are none here. */
final class Digits {

  private Digits() {}

  /** Whether a text is a number without a sign, of at least one digit and at most that many. */
  static boolean are(String text, int most) {
    return !text.isEmpty() && text.length() <= most && are(text, 0, text.length());
  }

  /** Whether a part of a text, which may be empty, has nothing else. */
  static boolean are(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
