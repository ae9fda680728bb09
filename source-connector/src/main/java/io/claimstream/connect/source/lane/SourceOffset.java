/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.StartPosition;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connect's offset of a consumer's entries; the only class that knows the keys of its map.
 *
 * <p>Connect stores a request to its REST API unchanged. An instant from such a request is
 * therefore parsed here again at each start, until the first entry after it is in Kafka.
 *
 * @param id id of the last entry that Kafka has
 * @param epoch epoch in which the entry was read, or number of its takeover batch; 0 if no epoch
 *     has begun
 */
public record SourceOffset(EntryId id, long epoch) {
  private static final String ID = "id";
  private static final String EPOCH = "epoch";

  /** Version of the format; absent from version 1. */
  private static final String VERSION = "version";

  /**
   * Parses an offset from Connect's storage or its REST API.
   *
   * @throws IllegalArgumentException if the offset is invalid; the message says why
   */
  public static SourceOffset parse(Map<String, ? extends @Nullable Object> map) {
    if (map.get(VERSION) instanceof Number version && version.longValue() > StateVersion.CURRENT) {
      // whatever other keys it has
      throw new IllegalArgumentException("the offset" + StateVersion.newer(version));
    }
    if (!map.keySet().equals(Set.of(ID)) && !map.keySet().equals(Set.of(ID, EPOCH))) {
      throw new IllegalArgumentException(
          "an offset must have only the key '" + ID + "', not " + map.keySet());
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
      return StartPosition.parseId(text);
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

  /**
   * The map that Connect stores. Connect gets one with each record but stores only the last one of
   * a commit, so its contents are made when they are asked for.
   */
  public Map<String, Object> toMap() {
    return new Stored(this);
  }

  /**
   * The offset whose {@link #toMap} this is; parses any other map.
   *
   * @throws IllegalArgumentException if the offset is invalid
   */
  public static SourceOffset of(Map<String, ? extends @Nullable Object> map) {
    return map instanceof Stored stored ? stored.offset : parse(map);
  }

  /** Whether this offset is stored after the other one. */
  public boolean isAfter(SourceOffset other) {
    return epoch == other.epoch ? id.isAfter(other.id) : epoch > other.epoch;
  }

  private static final class Stored extends AbstractMap<String, Object> {
    private final SourceOffset offset;

    private Stored(SourceOffset offset) {
      this.offset = offset;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      return offset.contents().entrySet();
    }
  }

  private Map<String, Object> contents() {
    return epoch == 0 ? Map.of(ID, id.toString()) : Map.of(ID, id.toString(), EPOCH, epoch);
  }
}
