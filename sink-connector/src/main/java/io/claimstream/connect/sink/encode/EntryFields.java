/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** Collects the fields of one entry: name, value, name, value, …. */
final class EntryFields {
  private static final int LONGEST_NAME_TOLD = 100;

  private final List<byte[]> flat = new ArrayList<>(32);
  private final BytesFormat bytesFormat;
  private int left = EntryLimits.BYTES;

  EntryFields(BytesFormat bytesFormat) {
    this.bytesFormat = bytesFormat;
  }

  /**
   * Adds one field; without a value it is left out.
   *
   * @throws DataException naming the field and never its value, if the value has no form in Redis,
   *     is beyond a limit, or fails in any other way
   */
  void add(String name, @Nullable Schema schema, @Nullable Object value) {
    if (value == null) {
      return;
    }
    try {
      byte[] nameBytes = text(name);
      byte[] encoded = encode(schema, value);
      EntryLimits.checkBytes((long) nameBytes.length + encoded.length, left);
      left -= nameBytes.length + encoded.length;
      flat.add(nameBytes);
      flat.add(encoded);
    } catch (RuntimeException e) {
      throw new DataException("field '" + shortened(name) + "' " + reason(e), withoutValue(e));
    }
  }

  /** A name may be a map's key, and too long for a log or a header. */
  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME_TOLD ? name : name.substring(0, LONGEST_NAME_TOLD) + "…";
  }

  /**
   * Why a record cannot be encoded; of what is not foreseen only its type, for its words may hold
   * the value.
   */
  static String reason(RuntimeException e) {
    return e instanceof DataException
        ? String.valueOf(e.getMessage())
        : "cannot be encoded: " + e.getClass().getName();
  }

  /**
   * The exception as a cause that can be logged; of what is not foreseen only where it was thrown.
   */
  static DataException withoutValue(RuntimeException e) {
    if (e instanceof DataException known) {
      return known;
    }
    DataException where = new DataException(e.getClass().getName());
    where.setStackTrace(e.getStackTrace());
    return where;
  }

  private byte[] encode(@Nullable Schema schema, Object value) {
    String text = ScalarText.of(schema, value);
    if (text != null) {
      return text(text);
    }
    byte[] bytes = Bytes.of(value);
    if (bytes == null) {
      return JsonText.of(schema, value, left);
    }
    EntryLimits.checkBytes(bytesFormat.lengthOf(bytes), left);
    return bytesFormat.encode(bytes);
  }

  private byte[] text(String text) {
    // each character takes a byte at least
    EntryLimits.checkBytes(text.length(), left);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  List<byte[]> flat() {
    return flat;
  }
}
