/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Under which number one lane reads as each of its consumers. A greater number under the same key
 * in Redis is that of a newer task. Safe for use by several threads.
 */
public final class Fences {
  private final Map<String, Fence> fences = new ConcurrentHashMap<>();

  /**
   * What a newer task has changed.
   *
   * @param key in Redis, beside the stream
   * @param generation what this task wrote there
   */
  public record Fence(String key, long generation) {

    /**
     * Whether a newer task owns the consumer.
     *
     * @param value of the key; null if it is gone, which nobody took then: the reader writes it
     *     again
     */
    public boolean isTakenBy(@Nullable String value) {
      return value != null && generationOf(value) > generation;
    }
  }

  /** The number of the task that wrote an owner key: {@code <number> <write>}. */
  public static long generationOf(String value) {
    int space = value.indexOf(' ');
    return Long.parseLong(space < 0 ? value : value.substring(0, space));
  }

  /** Notes that this task has become the owner of a consumer. */
  public void owned(String consumer, String key, long generation) {
    fences.put(consumer, new Fence(key, generation));
  }

  /** The fence of a consumer; empty if this task never was its owner. */
  public Optional<Fence> of(String consumer) {
    return Optional.ofNullable(fences.get(consumer));
  }
}
