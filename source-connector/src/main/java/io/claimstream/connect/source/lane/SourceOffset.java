/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a lane's entries are in Kafka; the only place that knows the key of the map.
 *
 * @param id the last entry that Kafka has
 */
public record SourceOffset(EntryId id) {
  private static final String ID = "id";

  /**
   * Reads an offset of Connect's storage or its REST API.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static SourceOffset parse(Map<String, ? extends @Nullable Object> map) {
    if (map.size() != 1 || !map.containsKey(ID)) {
      throw new IllegalArgumentException(
          "an offset has the key '" + ID + "' only, not " + map.keySet());
    }
    if (map.get(ID) instanceof String text) {
      return new SourceOffset(EntryId.parse(text));
    }
    throw new IllegalArgumentException(
        "'" + ID + "' of an offset must be a string such as \"1724149800000-0\"");
  }

  /** As Connect stores it. */
  public Map<String, String> toMap() {
    return Map.of(ID, id.toString());
  }
}
