/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far a consumer's entries are in Kafka; the only place that knows the keys of the map.
 *
 * <p>Connect stores what was sent to its REST API as it is, so an instant that was asked for is
 * read here at the next start, too, until the first entry after it is in Kafka.
 *
 * @param id the last entry that Kafka has
 * @param epoch of foreign entries that this entry was in; 0 for those that a lane read itself
 */
public record SourceOffset(EntryId id, long epoch) {
  private static final String ID = "id";
  private static final String EPOCH = "epoch";

  /**
   * Reads an offset of Connect's storage or its REST API.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static SourceOffset parse(Map<String, ? extends @Nullable Object> map) {
    if (!map.keySet().equals(Set.of(ID)) && !map.keySet().equals(Set.of(ID, EPOCH))) {
      throw new IllegalArgumentException(
          "an offset has the key '" + ID + "' only, not " + map.keySet());
    }
    if (!(map.get(ID) instanceof String text)) {
      throw new IllegalArgumentException(
          "'"
              + ID
              + "' of an offset must be a string such as \"1724149800000-0\" or"
              + " \"2024-08-20T10:30:00Z\"");
    }
    return new SourceOffset(id(text), map.containsKey(EPOCH) ? epoch(map) : 0);
  }

  private static EntryId id(String text) {
    try {
      return ReadAfter.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + ID + "' of an offset is '" + text + "': " + e.getMessage(), e);
    }
  }

  private static long epoch(Map<String, ? extends @Nullable Object> map) {
    if (map.get(EPOCH) instanceof Number number) {
      return number.longValue();
    }
    throw new IllegalArgumentException("'" + EPOCH + "' of an offset must be a whole number");
  }

  /** As Connect stores it. */
  public Map<String, Object> toMap() {
    return epoch == 0 ? Map.of(ID, id.toString()) : Map.of(ID, id.toString(), EPOCH, epoch);
  }
}
