/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.sink.deliver.SinkStreams;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * The task's partitions. Each partition stays paused until its delivery begins. Delivery begins at
 * the consumer's position, which Connect passes only to {@code preCommit}. Used by the task's
 * thread only.
 */
final class Assignment {
  private final SinkTaskContext context;
  private final SinkStreams streams;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private final Set<TopicPartition> waiting = new HashSet<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Set<TopicPartition> begun = new HashSet<>();

  /**
   * Partitions for which Connect's offsets may be wrong. When Connect loses a partition while it
   * holds back a batch, it drops that partition's records but keeps their end offset. It takes that
   * offset for the consumer's position after the rest of the batch is accepted, even if the
   * partition has been reassigned meanwhile. The task therefore waits for Connect's position of
   * such a partition and has the consumer seek to it.
   */
  private final Set<TopicPartition> doubtful = new HashSet<>();

  Assignment(SinkTaskContext context, SinkStreams streams) {
    this.context = context;
    this.streams = streams;
  }

  /** Pauses new partitions and requests a commit from Connect, which passes their positions. */
  void open(Collection<TopicPartition> partitions) {
    assigned.addAll(partitions);
    waiting.addAll(partitions);
    pause(partitions);
    context.requestCommit();
  }

  private void pause(Collection<TopicPartition> partitions) {
    context.pause(partitions.toArray(TopicPartition[]::new));
  }

  boolean contains(TopicPartition partition) {
    return assigned.contains(partition);
  }

  /** Returns the streams of the task's partitions. */
  Set<String> streams() {
    return assigned.stream().map(streams::of).collect(Collectors.toSet());
  }

  /** Returns whether the partition's delivery has not begun. */
  boolean isWaiting(TopicPartition partition) {
    return waiting.contains(partition);
  }

  /** Returns whether Connect may commit the partition beyond the accepted records. */
  boolean isDoubtful(TopicPartition partition) {
    return doubtful.contains(partition);
  }

  /** Marks Connect's offsets for these partitions as correct. */
  void trust(Collection<TopicPartition> partitions) {
    doubtful.removeAll(partitions);
  }

  /** Stores the consumer's positions in partitions whose delivery has not begun. */
  void observe(Map<TopicPartition, OffsetAndMetadata> offsets) {
    for (TopicPartition partition : waiting) {
      OffsetAndMetadata next = offsets.get(partition);
      if (next != null) {
        positions.put(partition, next.offset());
      }
    }
  }

  /** Stores the first offsets of a put, for a worker that delivers records of paused partitions. */
  void observeFirst(Map<TopicPartition, BatchEncoder.Span> spans) {
    for (TopicPartition partition : waiting) {
      BatchEncoder.Span span = spans.get(partition);
      if (span != null && !doubtful.contains(partition)) {
        positions.putIfAbsent(partition, span.first().offset());
      }
    }
  }

  /** Returns the partitions whose delivery can begin, with the consumer's positions. */
  Map<TopicPartition, Long> ready() {
    return Map.copyOf(positions);
  }

  /**
   * Returns whether Connect's offsets may be wrong for a partition whose delivery has not begun.
   */
  boolean isInDoubt() {
    return waiting.stream().anyMatch(doubtful::contains);
  }

  /** Marks the partitions' delivery as begun. */
  void begin(Collection<TopicPartition> partitions) {
    waiting.removeAll(partitions);
    positions.keySet().removeAll(partitions);
    begun.addAll(partitions);
  }

  /** Records that Connect holds back no batch; partitions lost earlier are no longer doubtful. */
  void taken() {
    doubtful.retainAll(assigned);
  }

  /**
   * Resumes the partitions whose delivery has begun. Must not be called while Connect holds back a
   * batch.
   */
  void resume() {
    if (!begun.isEmpty()) {
      context.resume(begun.toArray(TopicPartition[]::new));
      begun.clear();
    }
  }

  /**
   * Revokes partitions.
   *
   * @param isHeldBack whether Connect holds back a batch
   */
  void close(Collection<TopicPartition> partitions, boolean isHeldBack) {
    if (isHeldBack) {
      doubtful.addAll(partitions);
    }
    assigned.removeAll(partitions);
    waiting.removeAll(partitions);
    positions.keySet().removeAll(partitions);
    begun.removeAll(partitions);
  }
}
