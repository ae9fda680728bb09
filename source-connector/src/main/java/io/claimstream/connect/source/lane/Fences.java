/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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
  public record Fence(String key, long generation) {}

  /** Notes that this task has become the owner of a consumer. */
  public void owned(String consumer, String key, long generation) {
    fences.put(consumer, new Fence(key, generation));
  }

  /** The fence of a consumer; empty if this task never was its owner. */
  public Optional<Fence> of(String consumer) {
    return Optional.ofNullable(fences.get(consumer));
  }
}
