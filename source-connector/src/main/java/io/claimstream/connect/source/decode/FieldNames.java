/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of an entry's fields as bytes, in the entry's order. */
final class FieldNames {
  private final byte[][] names;
  private final int hash;

  private FieldNames(byte[][] names) {
    this.names = names;
    int lengths = 0;
    for (byte[] name : names) {
      // as distinctive as a hash of all bytes for names that people choose
      lengths = 31 * lengths + 256 * name.length + (name.length == 0 ? 0 : name[0]);
    }
    this.hash = lengths;
  }

  static FieldNames of(StreamEntry entry) {
    byte[][] names = new byte[entry.size()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = entry.name(i);
    }
    return new FieldNames(names);
  }

  /** Whether an entry has these names, in this order. */
  boolean areOf(StreamEntry entry) {
    if (entry.size() != names.length) {
      return false;
    }
    for (int i = 0; i < names.length; i++) {
      if (!Arrays.equals(names[i], entry.name(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the position of each name, in the entry's order.
   *
   * @throws BadEntryException if a name is not UTF-8 or occurs twice
   */
  Map<String, Integer> positions(String stream, StreamEntry entry) throws BadEntryException {
    Map<String, Integer> positions = new LinkedHashMap<>();
    for (byte[] name : names) {
      String text;
      try {
        text = EntryText.utf8(name);
      } catch (FieldException e) {
        throw new BadEntryException(
            stream, entry.id(), null, "has a field whose name " + e.getMessage());
      }
      if (positions.putIfAbsent(text, positions.size()) != null) {
        throw new BadEntryException(stream, entry.id(), text, "occurs twice");
      }
    }
    return positions;
  }

  /** The total length of the names. */
  int bytes() {
    return Arrays.stream(names).mapToInt(name -> name.length).sum();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldNames that && Arrays.deepEquals(names, that.names);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
