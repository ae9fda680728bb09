/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.stream;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One entry of a stream as Redis holds it: names and values are bytes, names may repeat, order is
 * kept.
 *
 * <p>A pending entry that Redis has trimmed comes back without a body; {@link #isTrimmed()} tells.
 *
 * @param id the entry's id
 * @param fields name, value, name, value, …; empty if the entry was trimmed. Treat as read-only.
 */
public record StreamEntry(EntryId id, List<byte[]> fields) {

  /** An entry with UTF-8 fields given as name, value, name, value, …. */
  public static StreamEntry of(EntryId id, String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a field without a value");
    }
    return new StreamEntry(
        id, List.of(namesAndValues).stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /** An entry whose body is gone from the stream. */
  public static StreamEntry trimmed(EntryId id) {
    return new StreamEntry(id, List.of());
  }

  /** Whether the stream no longer holds the body; a living entry has at least one field. */
  public boolean isTrimmed() {
    return fields.isEmpty();
  }

  /** How long all names and values are together. */
  public long bytes() {
    long bytes = 0;
    for (byte[] part : fields) {
      bytes += part.length;
    }
    return bytes;
  }

  /** How many name-value pairs there are. */
  public int size() {
    return fields.size() / 2;
  }

  /** The name of the field at that index, from 0. */
  public byte[] name(int index) {
    return fields.get(2 * index);
  }

  /** The value of the field at that index, from 0. */
  public byte[] value(int index) {
    return fields.get(2 * index + 1);
  }
}
