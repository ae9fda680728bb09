/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.client.StateVersion;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Generations under which one lane reads as each of its consumers. A greater generation in the same
 * key in Redis belongs to a newer task. Safe for use by several threads.
 */
public final class Fences {
  private final Map<String, Fence> fences = new ConcurrentHashMap<>();

  /**
   * An owner key with this task's generation.
   *
   * @param key the owner key in Redis, in the slot of the stream
   * @param generation the generation that this task wrote to the key
   */
  public record Fence(String key, long generation) {

    /**
     * Whether a newer task owns the consumer.
     *
     * @param value the value of the key; null if the key is missing: it has no newer owner, and the
     *     reader writes it again
     */
    public boolean isTakenBy(@Nullable String value) {
      return value != null && generationOf(value) > generation;
    }
  }

  /**
   * Parses the generation from an owner key's value, {@code <generation> <write>}. An owner of a
   * newer version of the connector is newer than all others.
   */
  public static long generationOf(String value) {
    if (StateVersion.isNewer(value)) {
      return Long.MAX_VALUE;
    }
    int space = value.indexOf(' ');
    return Long.parseLong(space < 0 ? value : value.substring(0, space));
  }

  /** Records that this task has become the owner of a consumer. */
  public void owned(String consumer, String key, long generation) {
    fences.put(consumer, new Fence(key, generation));
  }

  /** The fence of a consumer; empty if this task was never its owner. */
  public Optional<Fence> of(String consumer) {
    return Optional.ofNullable(fences.get(consumer));
  }
}
