/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which Connect keeps a lane's offset; the only place that knows the keys of the map.
 *
 * @param stream the Redis key
 * @param group the consumer group
 * @param consumer who read the entry
 */
public record SourcePartition(String stream, String group, String consumer) {
  private static final String STREAM = "stream";
  private static final String GROUP = "group";
  private static final String CONSUMER = "consumer";

  /**
   * Reads a partition of the offsets REST API.
   *
   * @throws IllegalArgumentException saying what is missing, unknown or no text
   */
  public static SourcePartition parse(@Nullable Map<String, ?> map) {
    if (map == null || !map.keySet().equals(Set.of(STREAM, GROUP, CONSUMER))) {
      throw new IllegalArgumentException(
          "a partition has the keys "
              + STREAM
              + ", "
              + GROUP
              + " and "
              + CONSUMER
              + ", not "
              + (map == null ? "null" : map.keySet()));
    }
    return new SourcePartition(text(map, STREAM), text(map, GROUP), text(map, CONSUMER));
  }

  private static String text(Map<String, ?> map, String key) {
    if (map.get(key) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("'" + key + "' of a partition must be a string");
  }

  /** As Connect stores it. */
  public Map<String, String> toMap() {
    // Connect looks offsets up by the bytes of this map, and its REST API builds a HashMap: another
    // order of the keys (that of Map.of even changes with each JVM) would be another partition
    Map<String, String> map = new HashMap<>();
    map.put(STREAM, stream);
    map.put(GROUP, group);
    map.put(CONSUMER, consumer);
    return map;
  }
}
