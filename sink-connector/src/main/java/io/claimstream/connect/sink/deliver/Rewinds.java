/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions that are read from Kafka again because Redis no longer has what it acknowledged.
 *
 * <p>Connect seeks before it polls, but hands over a batch that it already holds first. A rewind is
 * therefore {@linkplain #request requested} when it is found out, and {@linkplain #take taken} by a
 * put that drops the partition's records and returns without an exception: from then on, records
 * come from the new place. Used by the task's thread only.
 */
public final class Rewinds {
  private final Map<TopicPartition, Rewind> requested = new HashMap<>();
  private final Map<TopicPartition, Rewind> awaited = new HashMap<>();

  /** Partitions of which Connect has not begun to poll again. */
  private final Set<TopicPartition> seeking = new HashSet<>();

  /**
   * One partition's rewind.
   *
   * @param to the offset to read from
   * @param from the offset at which the consumer had been, above {@code to}
   * @param isSecond whether the consumer has been sent back to {@code from} already
   */
  record Rewind(long to, long from, boolean isSecond) {}

  void request(TopicPartition partition, long to, long from) {
    request(partition, new Rewind(to, from, false));
  }

  /** Lets Connect seek to where the consumer is, so that its own offsets are right. */
  public void requestInPlace(TopicPartition partition, long offset) {
    requested.putIfAbsent(partition, new Rewind(offset, offset, true));
  }

  void request(TopicPartition partition, Rewind rewind) {
    awaited.remove(partition);
    requested.put(partition, rewind);
  }

  /** Whether what this task has of the partition, in hand or in flight, is to be dropped. */
  public boolean isRequested(TopicPartition partition) {
    return requested.containsKey(partition);
  }

  /** The partitions with a requested rewind. */
  public Set<TopicPartition> requested() {
    return Set.copyOf(requested.keySet());
  }

  /** Where Connect has to seek to, by a put that has dropped the records of these partitions. */
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

  /** Connect has polled since: it is where it was sent, in these partitions. */
  public Set<TopicPartition> polled() {
    Set<TopicPartition> arrived = Set.copyOf(seeking);
    seeking.clear();
    return arrived;
  }

  /**
   * Whether offsets that Connect would commit may be from before the rewind, or beyond records that
   * it did not reach.
   */
  boolean isUnderWay(TopicPartition partition) {
    return isRequested(partition) || isSeeking(partition) || awaited.containsKey(partition);
  }

  /** Whether Connect is still where it was before. */
  boolean isSeeking(TopicPartition partition) {
    return seeking.contains(partition);
  }

  /** Whether any partition's first record after a rewind is still to come. */
  boolean isAwaiting() {
    return !awaited.isEmpty();
  }

  /** The rewinds whose first record is still to come. */
  Map<TopicPartition, Rewind> awaited() {
    return Map.copyOf(awaited);
  }

  void arrived(TopicPartition partition) {
    awaited.remove(partition);
  }

  /** The task has given up these partitions. */
  public void forget(Collection<TopicPartition> partitions) {
    requested.keySet().removeAll(partitions);
    awaited.keySet().removeAll(partitions);
    seeking.removeAll(partitions);
  }
}
