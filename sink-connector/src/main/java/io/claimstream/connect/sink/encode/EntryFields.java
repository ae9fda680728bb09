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
  private final List<byte[]> flat = new ArrayList<>(32);
  private final BytesFormat bytesFormat;

  EntryFields(BytesFormat bytesFormat) {
    this.bytesFormat = bytesFormat;
  }

  /**
   * Adds one field; without a value it is left out.
   *
   * @throws DataException naming the field, if the value is of a kind that has no form in Redis
   */
  void add(String name, @Nullable Schema schema, @Nullable Object value) {
    if (value == null) {
      return;
    }
    byte[] encoded;
    try {
      encoded = encode(schema, value);
    } catch (DataException e) {
      throw new DataException("field '" + name + "' " + e.getMessage(), e);
    }
    flat.add(name.getBytes(StandardCharsets.UTF_8));
    flat.add(encoded);
  }

  private byte[] encode(@Nullable Schema schema, Object value) {
    String text = ScalarText.of(schema, value);
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    byte[] bytes = Bytes.of(value);
    return bytes == null ? JsonText.of(schema, value) : bytesFormat.encode(bytes);
  }

  List<byte[]> flat() {
    return flat;
  }
}
