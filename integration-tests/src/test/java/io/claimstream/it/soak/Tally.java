/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Which numbers are somewhere, and which are there more than once. */
final class Tally {
  private final BitSet seen = new BitSet();
  private final List<Integer> doubled = new ArrayList<>();

  void add(int number) {
    if (seen.get(number)) {
      doubled.add(number);
    }
    seen.set(number);
  }

  boolean has(int number) {
    return seen.get(number);
  }

  int count() {
    return seen.cardinality();
  }

  List<Integer> doubled() {
    return doubled;
  }

  /** All of them, each once, in order. */
  IntStream stream() {
    return seen.stream();
  }
}
