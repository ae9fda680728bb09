/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Words of a command in one array, so that a script gets one argument instead of one for each word.
 * Immutable as long as nobody writes to {@link #packed}.
 */
public final class PackedWords {
  private final byte[] packed;
  private final int size;

  PackedWords(byte[] packed, int size) {
    this.packed = packed;
    this.size = size;
  }

  /**
   * Returns the words as binary-safe MessagePack strings, one after the other. Read-only.
   *
   * @see <a href="https://redis.io/docs/latest/develop/programmability/lua-api/#cmsgpack-library">
   *     How a script unpacks them</a>
   */
  public byte[] packed() {
    return packed;
  }

  /** Returns the number of words. */
  public int size() {
    return size;
  }

  /** Returns the words. */
  public List<byte[]> toList() {
    List<byte[]> words = new ArrayList<>(size);
    int at = 0;
    while (at < packed.length) {
      int begin = at + WordBuffer.headerLength(packed, at);
      at = begin + WordBuffer.wordLength(packed, at);
      words.add(Arrays.copyOfRange(packed, begin, at));
    }
    return words;
  }
}
