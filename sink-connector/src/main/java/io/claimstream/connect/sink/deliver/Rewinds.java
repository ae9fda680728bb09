/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Partitions that are read from Kafka again because Redis has lost acknowledged writes.
 *
 * <p>Connect seeks before it polls, but first delivers a batch that it already holds. A rewind is
 * therefore {@linkplain #request requested} when the loss is detected, and {@linkplain #take taken}
 * by a put that drops the partition's records and returns without an exception: from then on,
 * records arrive from the new offset. Used by the task's thread only.
 */
public final class Rewinds {
  private final Map<TopicPartition, Rewind> requested = new HashMap<>();
  private final Map<TopicPartition, Rewind> awaited = new HashMap<>();

  /** Partitions for which Connect has not polled since the seek. */
  private final Set<TopicPartition> seeking = new HashSet<>();

  /**
   * A partition's rewind.
   *
   * @param to the offset to read from
   * @param from the consumer's offset before the rewind, above {@code to}
   * @param isSecond whether the consumer has been moved back to {@code from} already
   */
  record Rewind(long to, long from, boolean isSecond) {}

  void request(TopicPartition partition, long to, long from) {
    request(partition, new Rewind(to, from, false));
  }

  /** Makes Connect seek to the consumer's position, which corrects Connect's own offsets. */
  public void requestInPlace(TopicPartition partition, long offset) {
    requested.putIfAbsent(partition, new Rewind(offset, offset, true));
  }

  void request(TopicPartition partition, Rewind rewind) {
    awaited.remove(partition);
    requested.put(partition, rewind);
  }

  /** Returns whether the task must drop its records of the partition, accepted or in flight. */
  public boolean isRequested(TopicPartition partition) {
    return requested.containsKey(partition);
  }

  /** Returns the partitions with a requested rewind. */
  public Set<TopicPartition> requested() {
    return Set.copyOf(requested.keySet());
  }

  /**
   * Returns the offsets to seek to. Called by a put that has dropped the records of these
   * partitions.
   */
  public Map<TopicPartition, Long> take() {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    requested.forEach(
        (partition, rewind) -> {
          offsets.put(partition, rewind.to());
          if (rewind.to() < rewind.from() || !rewind.isSecond()) {
            awaited.put(partition, rewind);
          }
        });
    seeking.addAll(requested.keySet());
    requested.clear();
    return offsets;
  }

  /**
   * Records that Connect has polled since; returns the partitions that have reached their offsets.
   */
  public Set<TopicPartition> polled() {
    Set<TopicPartition> arrived = Set.copyOf(seeking);
    seeking.clear();
    return arrived;
  }

  /**
   * Returns whether offsets that Connect would commit may be from before the rewind, or beyond
   * records that it has not reached.
   */
  boolean isUnderWay(TopicPartition partition) {
    return isRequested(partition) || isSeeking(partition) || awaited.containsKey(partition);
  }

  /** Returns whether Connect has not sought yet. */
  boolean isSeeking(TopicPartition partition) {
    return seeking.contains(partition);
  }

  /** Returns the partition's rewind if its first record has not arrived, or null. */
  @Nullable Rewind awaited(TopicPartition partition) {
    return awaited.get(partition);
  }

  void arrived(TopicPartition partition) {
    awaited.remove(partition);
  }

  /** Removes partitions that the task has given up. */
  public void forget(Collection<TopicPartition> partitions) {
    requested.keySet().removeAll(partitions);
    awaited.keySet().removeAll(partitions);
    seeking.removeAll(partitions);
  }
}
