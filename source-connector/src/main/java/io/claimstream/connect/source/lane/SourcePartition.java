/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connect's source partition of a consumer's entries; the only class that knows the keys of its
 * map.
 *
 * @param group the stream and its consumer group
 * @param consumer the consumer that read the entry
 */
public record SourcePartition(ConsumerGroup group, String consumer) {
  private static final String STREAM = "stream";
  private static final String GROUP = "group";
  private static final String CONSUMER = "consumer";

  /**
   * Parses a partition from Connect's offsets REST API.
   *
   * @throws IllegalArgumentException if a key is missing or unknown, or a value is not a string
   */
  public static SourcePartition parse(@Nullable Map<String, ?> map) {
    if (map == null || !map.keySet().equals(Set.of(STREAM, GROUP, CONSUMER))) {
      throw new IllegalArgumentException(
          "a partition must have the keys "
              + STREAM
              + ", "
              + GROUP
              + " and "
              + CONSUMER
              + ", not "
              + (map == null ? "null" : map.keySet()));
    }
    return new SourcePartition(
        new ConsumerGroup(text(map, STREAM), text(map, GROUP)), text(map, CONSUMER));
  }

  private static String text(Map<String, ?> map, String key) {
    if (map.get(key) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("'" + key + "' of a partition must be a string");
  }

  /** The Redis key. */
  public String stream() {
    return group.stream();
  }

  /** The map that Connect stores. */
  public Map<String, String> toMap() {
    // Connect looks up offsets by the serialized bytes of this map, and its REST API builds a
    // HashMap: a different key order (that of Map.of changes with every JVM) would be a different
    // partition
    Map<String, String> map = new HashMap<>();
    map.put(STREAM, group.stream());
    map.put(GROUP, group.name());
    map.put(CONSUMER, consumer);
    return map;
  }
}
