/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.math.BigDecimal;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Limit {@code event.max.bytes}. An entry that Kafka's producer would reject is a bad entry before
 * it reaches the producer, because a rejection fails the transaction and the task.
 *
 * <p>The producer sees the converter's output, which the connector does not know. A binary
 * converter adds little to an entry's own bytes. JSON encodes bytes as base64 and escapes text, so
 * an entry within the limit can become a record above it; the size is then measured as JSON.
 *
 * @param maxBytes maximum size in bytes; 0 = no limit
 * @param asJson whether the record is written as JSON
 */
public record SizeLimit(int maxBytes, boolean asJson) {
  /** Longest JSON escape: a control character, or half of a surrogate pair. */
  private static final int LONGEST_ESCAPE = 6;

  /**
   * Factor by which JSON can at most lengthen an entry: field names, and the longest escape for
   * each byte. Smaller entries are not measured.
   */
  private static final int NEVER_LONGER = 2 * LONGEST_ESCAPE;

  private static final int SHORT_VALUE = 25;

  /** No limit. */
  public static final SizeLimit NONE = new SizeLimit(0, false);

  /**
   * Returns the reason, completing "entry …", why an entry is too large in itself; null if it is
   * not.
   */
  public @Nullable String excess(StreamEntry entry) {
    long bytes = entry.bytes();
    return maxBytes > 0 && bytes > maxBytes
        ? "has " + bytes + " bytes, more than event.max.bytes" + wayOut("")
        : null;
  }

  /** Returns the same for the entry's record, as far as its size is known here. */
  public @Nullable String excess(StreamEntry entry, @Nullable String key, Struct value) {
    if (maxBytes == 0 || !asJson || entry.bytes() * NEVER_LONGER <= maxBytes) {
      return null;
    }
    long json = json(value) + (key == null ? 0 : text(key));
    return json > maxBytes
        ? "has "
            + entry.bytes()
            + " bytes, which become about "
            + json
            + " bytes as JSON, more than event.max.bytes"
            + wayOut(", or set this connector's value.converter to an Avro or Protobuf converter")
        : null;
  }

  private static String wayOut(String other) {
    return ": raise it together with producer.override.max.request.size and the topic's"
        + " max.message.bytes"
        + other;
  }

  /** Returns the approximate size of a value in JSON, never much too low. */
  private static long json(@Nullable Object value) {
    if (value instanceof String text) {
      return text(text);
    } else if (value instanceof byte[] bytes) {
      return 2 + (bytes.length + 2L) / 3 * 4;
    } else if (value instanceof Struct struct) {
      long size = 2;
      for (Field field : struct.schema().fields()) {
        size += text(field.name()) + 2 + json(struct.get(field));
      }
      return size;
    } else if (value instanceof Map<?, ?> map) {
      long size = 2;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        size += 2 + json(entry.getKey()) + json(entry.getValue());
      }
      return size;
    } else if (value instanceof Iterable<?> items) {
      long size = 2;
      for (Object item : items) {
        size += 1 + json(item);
      }
      return size;
    } else if (value instanceof BigDecimal number) {
      return 4L + number.precision() + Math.abs(number.scale());
    }
    return SHORT_VALUE;
  }

  private static long text(String text) {
    long size = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20) {
        size += "\b\t\n\f\r".indexOf(c) >= 0 ? 2 : LONGEST_ESCAPE;
      } else if (c < 0x80) {
        size += c == '"' || c == '\\' ? 2 : 1;
      } else {
        size += Character.isSurrogate(c) ? LONGEST_ESCAPE : c < 0x800 ? 2 : 3;
      }
    }
    return size;
  }
}
