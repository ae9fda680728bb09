/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * The partitions of the task. Each stays paused until its delivery has begun, for which the
 * consumer's position has to be known: Connect tells that to a commit only. Used by the task's
 * thread only.
 */
final class Assignment {
  private final SinkTaskContext context;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private final Set<TopicPartition> waiting = new HashSet<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Set<TopicPartition> begun = new HashSet<>();

  /**
   * Partitions about which Connect is going to be wrong. When it loses a partition while it holds
   * back a batch, it drops the partition's records, but keeps where they end and takes that for the
   * consumer's position once the rest of the batch is taken, also if the partition has come back.
   * So it has to tell the position before, and is sent there then.
   */
  private final Set<TopicPartition> doubtful = new HashSet<>();

  Assignment(SinkTaskContext context) {
    this.context = context;
  }

  /** Pauses new partitions and asks Connect for a commit, which brings their positions. */
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

  /** The partitions of the task. */
  Set<TopicPartition> partitions() {
    return Set.copyOf(assigned);
  }

  /** Whether the partition's delivery has not begun. */
  boolean isWaiting(TopicPartition partition) {
    return waiting.contains(partition);
  }

  /** Whether Connect may commit the partition beyond what the task has taken. */
  boolean isDoubtful(TopicPartition partition) {
    return doubtful.contains(partition);
  }

  /** Connect is right about these partitions from now on. */
  void trust(Collection<TopicPartition> partitions) {
    doubtful.removeAll(partitions);
  }

  /** Notes where the consumer stands in partitions that have not begun. */
  void observe(Map<TopicPartition, OffsetAndMetadata> offsets) {
    for (TopicPartition partition : waiting) {
      OffsetAndMetadata next = offsets.get(partition);
      if (next != null) {
        positions.put(partition, next.offset());
      }
    }
  }

  /** The first records of a put, for a worker that hands them over although it was to pause. */
  void observeFirst(Map<TopicPartition, BatchEncoder.Span> spans) {
    for (TopicPartition partition : waiting) {
      BatchEncoder.Span span = spans.get(partition);
      if (span != null && !doubtful.contains(partition)) {
        positions.putIfAbsent(partition, span.first().offset());
      }
    }
  }

  /** The partitions whose delivery can begin, with the consumer's positions. */
  Map<TopicPartition, Long> ready() {
    return Map.copyOf(positions);
  }

  /** Whether Connect, if it held back nothing any more, would be wrong about partitions. */
  boolean isInDoubt() {
    return waiting.stream().anyMatch(doubtful::contains);
  }

  /** Their delivery has begun. */
  void begin(Collection<TopicPartition> partitions) {
    waiting.removeAll(partitions);
    positions.keySet().removeAll(partitions);
    begun.addAll(partitions);
  }

  /** Connect holds back no batch: what it lost of one can mislead it no more. */
  void taken() {
    doubtful.retainAll(assigned);
  }

  /** Lets Connect poll what has begun; not while it holds back a batch. */
  void resume() {
    if (!begun.isEmpty()) {
      context.resume(begun.toArray(TopicPartition[]::new));
      begun.clear();
    }
  }

  /**
   * Gives up partitions.
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
