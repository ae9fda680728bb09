/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Filter of entries by the values of their fields. An entry passes if, for each field that the
 * filter names, it has one of the values that the filter lists for it. Safe for use by several
 * threads.
 */
public final class FieldFilter {
  private final Map<ByteBuffer, Set<ByteBuffer>> wanted;

  private FieldFilter(Map<ByteBuffer, Set<ByteBuffer>> wanted) {
    this.wanted = wanted;
  }

  /**
   * Parses {@code field=value} pairs. No pairs accept every entry.
   *
   * @throws IllegalArgumentException if a pair has no {@code =} or no field
   */
  public static FieldFilter parse(List<String> pairs) {
    Map<ByteBuffer, Set<ByteBuffer>> wanted = new LinkedHashMap<>();
    for (String pair : pairs) {
      int end = pair.indexOf('=');
      if (pair.substring(0, Math.max(0, end)).isBlank()) {
        throw new IllegalArgumentException("'" + pair + "' is not <field>=<value>");
      }
      wanted
          .computeIfAbsent(bytes(pair.substring(0, end)), field -> new HashSet<>())
          .add(bytes(pair.substring(end + 1)));
    }
    return new FieldFilter(wanted);
  }

  private static ByteBuffer bytes(String text) {
    return StandardCharsets.UTF_8.encode(text.trim());
  }

  /** Whether an entry passes. */
  public boolean accepts(StreamEntry entry) {
    for (Map.Entry<ByteBuffer, Set<ByteBuffer>> each : wanted.entrySet()) {
      if (!has(entry, each.getKey(), each.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean has(StreamEntry entry, ByteBuffer field, Set<ByteBuffer> values) {
    for (int i = 0; i < entry.size(); i++) {
      if (field.equals(ByteBuffer.wrap(entry.name(i)))
          && values.contains(ByteBuffer.wrap(entry.value(i)))) {
        return true;
      }
    }
    return false;
  }
}
