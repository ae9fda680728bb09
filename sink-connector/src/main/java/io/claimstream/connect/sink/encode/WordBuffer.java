/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Collects the words of a command. Kept for the next command, because growing an array and encoding
 * the same names again costs more than the rest. Used by one thread.
 */
public final class WordBuffer {
  /** MessagePack's {@code str 8}: followed by a length of one byte. */
  private static final byte SHORT = (byte) 0xd9;

  /** MessagePack's {@code str 32}: followed by a length of four bytes. */
  private static final byte LONG = (byte) 0xdb;

  private static final int SHORT_HEADER = 2;
  private static final int LONG_HEADER = 5;
  private static final int LONGEST_SHORT = 255;

  /** Maximum bytes of one character in UTF-8. */
  private static final int CHARACTER = 3;

  /** From this length on, the JDK's encoder is faster than a loop. */
  private static final int LONG_TEXT = 80;

  /** A larger buffer is not kept. */
  private static final int LARGEST_KEPT = 1 << 17;

  /** Maximum number of names that are kept: a map's keys may be anything. */
  private static final int MOST_NAMES = 1_000;

  private final Map<String, byte[]> names = new HashMap<>();
  private byte[] bytes = new byte[1_024];
  private int end;
  private int words;

  /** Bytes of all headers. */
  private int headers;

  /** Where the last word's header begins. */
  private int begin;

  /** Removes all words. */
  public WordBuffer clear() {
    if (bytes.length > LARGEST_KEPT) {
      bytes = new byte[LARGEST_KEPT];
    }
    end = 0;
    words = 0;
    headers = 0;
    return this;
  }

  /** Returns the words, and removes them. */
  public PackedWords pack() {
    PackedWords packed = new PackedWords(Arrays.copyOf(bytes, end), words);
    clear();
    return packed;
  }

  int words() {
    return words;
  }

  /**
   * Adds a word of text.
   *
   * @throws org.apache.kafka.connect.errors.DataException if the words become too large
   */
  public WordBuffer add(String text) {
    // each character takes at least one byte
    EntryLimits.checkBytes(text.length(), left());
    open((long) CHARACTER * text.length());
    text(text);
    close();
    return this;
  }

  /** Adds a word of text that is likely to come again, such as the name of a field. */
  void addName(String name) {
    byte[] packed = names.get(name);
    if (packed == null) {
      int from = end;
      add(name);
      if (bytes[from] == SHORT && names.size() < MOST_NAMES) {
        names.put(name, Arrays.copyOfRange(bytes, from, end));
      }
      return;
    }
    EntryLimits.checkBytes(packed.length, left());
    reserve(packed.length);
    System.arraycopy(packed, 0, bytes, end, packed.length);
    end += packed.length;
    headers += SHORT_HEADER;
    words++;
  }

  /** Adds a word of bytes. */
  void add(byte[] word) {
    EntryLimits.checkBytes(word.length, left());
    open(word.length);
    raw(word);
    close();
  }

  /**
   * Adds a word: the value as JSON.
   *
   * @throws org.apache.kafka.connect.errors.DataException if a value in it has no JSON form, or the
   *     words become too large
   */
  public WordBuffer addJson(@Nullable Schema schema, Object value) {
    open(Long.MAX_VALUE);
    JsonText.write(this, schema, value);
    close();
    return this;
  }

  /**
   * Begins a word.
   *
   * @param most the maximum of its bytes
   */
  private void open(long most) {
    begin = end;
    int header = most <= LONGEST_SHORT ? SHORT_HEADER : LONG_HEADER;
    headers += header;
    reserve(header);
    bytes[end] = header == SHORT_HEADER ? SHORT : LONG;
    end += header;
  }

  /** Ends the word, and sets its length. */
  private void close() {
    EntryLimits.checkBytes(end - headers, EntryLimits.BYTES);
    if (bytes[begin] == SHORT) {
      bytes[begin + 1] = (byte) (end - begin - SHORT_HEADER);
    } else {
      int length = end - begin - LONG_HEADER;
      for (int i = LONG_HEADER - 1; i > 0; i--) {
        bytes[begin + i] = (byte) length;
        length >>>= Byte.SIZE;
      }
    }
    words++;
  }

  static int headerLength(byte[] packed, int at) {
    return packed[at] == SHORT ? SHORT_HEADER : LONG_HEADER;
  }

  static int wordLength(byte[] packed, int at) {
    int length = 0;
    for (int i = at + 1; i < at + headerLength(packed, at); i++) {
      length = (length << Byte.SIZE) + Byte.toUnsignedInt(packed[i]);
    }
    return length;
  }

  /** Returns how many bytes the words may still have. */
  int left() {
    return EntryLimits.BYTES - (end - headers);
  }

  /** Continues the word with text as UTF-8. */
  void text(String text) {
    int length = text.length();
    if (length >= LONG_TEXT) {
      raw(text.getBytes(StandardCharsets.UTF_8));
      return;
    }
    reserve(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        raw(text.getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[end + i] = (byte) c;
    }
    end += length;
  }

  /** Continues the word with bytes. */
  void raw(byte[] more) {
    reserve(more.length);
    System.arraycopy(more, 0, bytes, end, more.length);
    end += more.length;
  }

  /** Continues the word with one byte. */
  void put(int one) {
    if (end == bytes.length) {
      reserve(1);
    }
    bytes[end++] = (byte) one;
  }

  private void reserve(int more) {
    if (more > bytes.length - end) {
      EntryLimits.checkBytes(more, left() + LONG_HEADER);
      bytes = Arrays.copyOf(bytes, Math.max(end + more, bytes.length + (bytes.length >> 1)));
    }
  }
}
