/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** Adds the fields of one entry to a buffer: name, value, name, value, …. */
final class EntryFields {
  private static final int LONGEST_NAME_TOLD = 100;

  private final WordBuffer words;
  private final BytesFormat bytesFormat;

  EntryFields(WordBuffer words, BytesFormat bytesFormat) {
    this.words = words;
    this.bytesFormat = bytesFormat;
  }

  /**
   * Adds one field; a field without a value is left out.
   *
   * @throws DataException with the field's name and never its value, if the value cannot be
   *     represented in Redis, exceeds a limit, or fails in any other way
   */
  void add(String name, @Nullable Schema schema, @Nullable Object value) {
    if (value == null) {
      return;
    }
    try {
      words.addName(name);
      addValue(schema, value);
    } catch (RuntimeException e) {
      throw new DataException("field '" + shortened(name) + "' " + reason(e), withoutValue(e));
    }
  }

  /** Shortens a name, which may be a map's key and too long for a log or a header. */
  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME_TOLD ? name : name.substring(0, LONGEST_NAME_TOLD) + "…";
  }

  /**
   * Returns the reason why a record cannot be encoded; for an unexpected exception only its type,
   * because its message may contain the value.
   */
  static String reason(RuntimeException e) {
    return e instanceof DataException
        ? String.valueOf(e.getMessage())
        : "cannot be encoded: " + e.getClass().getName();
  }

  /**
   * Returns the exception as a cause that can be logged; for an unexpected one only its stack
   * trace.
   */
  static DataException withoutValue(RuntimeException e) {
    if (e instanceof DataException known) {
      return known;
    }
    DataException where = new DataException(e.getClass().getName());
    where.setStackTrace(e.getStackTrace());
    return where;
  }

  private void addValue(@Nullable Schema schema, Object value) {
    String text = ScalarText.of(schema, value);
    if (text != null) {
      words.add(text);
      return;
    }
    byte[] bytes = BytesFormat.bytesOf(value);
    if (bytes == null) {
      words.addJson(schema, value);
    } else {
      EntryLimits.checkBytes(bytesFormat.lengthOf(bytes), words.left());
      words.add(bytesFormat.encode(bytes));
    }
  }

  /**
   * Checks that no name occurs twice: readers of the entry would see only one of the values.
   *
   * @param flat the names and values
   * @throws DataException with the name
   */
  static void checkDistinct(List<byte[]> flat) {
    Set<ByteBuffer> names = new HashSet<>();
    for (int i = 0; i < flat.size(); i += 2) {
      if (!names.add(ByteBuffer.wrap(flat.get(i)))) {
        throw new DataException(
            "field '"
                + shortened(new String(flat.get(i), StandardCharsets.UTF_8))
                + "' would occur twice; redis.key.field, redis.headers and redis.headers.prefix must"
                + " give other names than the members of the value have");
      }
    }
  }

  /** Returns how many names and values there are. */
  int size() {
    return words.words();
  }
}
