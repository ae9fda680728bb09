/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.stream;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An entry of a stream as stored in Redis: names and values are bytes, names may repeat, and the
 * order of the fields is kept.
 *
 * <p>A pending entry that has been trimmed has no body; see {@link #isTrimmed()}.
 *
 * @param id the entry's id
 * @param fields name, value, name, value, …; empty if the entry was trimmed. Read-only.
 */
public record StreamEntry(EntryId id, List<byte[]> fields) {

  /** Returns an entry with UTF-8 fields given as name, value, name, value, …. */
  public static StreamEntry of(EntryId id, String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a field without a value");
    }
    return new StreamEntry(
        id, List.of(namesAndValues).stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /** Returns an entry whose body is no longer in the stream. */
  public static StreamEntry trimmed(EntryId id) {
    return new StreamEntry(id, List.of());
  }

  /**
   * Returns whether the stream no longer contains the body; other entries have at least one field.
   */
  public boolean isTrimmed() {
    return fields.isEmpty();
  }

  /** Returns the total length of all names and values. */
  public long bytes() {
    long bytes = 0;
    for (byte[] part : fields) {
      bytes += part.length;
    }
    return bytes;
  }

  /** Returns the number of name-value pairs. */
  public int size() {
    return fields.size() / 2;
  }

  /** Returns the name of the field at that index, from 0. */
  public byte[] name(int index) {
    return fields.get(2 * index);
  }

  /** Returns the value of the field at that index, from 0. */
  public byte[] value(int index) {
    return fields.get(2 * index + 1);
  }
}
