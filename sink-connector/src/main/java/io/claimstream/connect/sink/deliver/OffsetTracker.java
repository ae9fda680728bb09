/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.Rewinds.Rewind;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The offset that Redis has acknowledged for each partition of the task, and the meaning of a
 * different one in Redis. Used by the task's thread only.
 *
 * <p>A stored offset and its entries are written, and therefore lost, together: the offset always
 * matches the stream. If it is lower than the acknowledged one, Redis has lost writes, and the
 * partition is read again from there. If it is higher, another task of this connector, or a call
 * whose reply was lost, has appended those records. If it is missing, the contents of the stream
 * are unknown, and the task fails.
 */
final class OffsetTracker {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetTracker.class);
  private static final Duration REPORT_INTERVAL = Duration.ofMinutes(1);

  private final String connector;
  private final UnaryOperator<String> streamOf;
  private final Rewinds rewinds;
  private final SinkMetrics metrics;
  private final TaskClock clock;
  private final Map<TopicPartition, StoredOffset> acknowledged = new HashMap<>();

  /** The last stored offsets of partitions that the task has given up. */
  private final Map<TopicPartition, StoredOffset> former = new HashMap<>();

  /** The offsets after the last records accepted by puts. */
  private final Map<TopicPartition, Long> reached = new HashMap<>();

  /** The newest timestamps of accepted records, including records without an entry. */
  private final Map<TopicPartition, Long> newest = new HashMap<>();

  private final Map<TopicPartition, Long> committed = new HashMap<>();

  /** Partitions whose covered records may belong to another topic of the same name. */
  private final Set<TopicPartition> unsure = new HashSet<>();

  private Instant nextReport = Instant.MIN;

  /**
   * Creates a tracker without partitions.
   *
   * @param streamOf maps a topic to its stream
   */
  OffsetTracker(
      String connector,
      UnaryOperator<String> streamOf,
      Rewinds rewinds,
      SinkMetrics metrics,
      TaskClock clock) {
    this.connector = connector;
    this.streamOf = streamOf;
    this.rewinds = rewinds;
    this.metrics = metrics;
    this.clock = clock;
  }

  StoredOffsets storedOffsets(String stream) {
    return StoredOffsets.of(stream, connector);
  }

  String stream(TopicPartition partition) {
    return streamOf.apply(partition.topic());
  }

  Collection<TopicPartition> partitions() {
    return List.copyOf(acknowledged.keySet());
  }

  /** Returns the last offset that Redis acknowledged; null for an untracked partition. */
  @Nullable StoredOffset acknowledged(TopicPartition partition) {
    return acknowledged.get(partition);
  }

  /** Records the offset that Redis stores now because of the task's own call. */
  void acknowledge(TopicPartition partition, StoredOffset stored) {
    acknowledged.put(partition, stored);
  }

  /** Records the offset that Connect commits now. */
  void commit(TopicPartition partition, long next) {
    committed.put(partition, next);
  }

  /**
   * Returns whether an offset must not be committed because the records before it may not be those
   * in the stream. A log that has reached the stored offset is the one that was appended.
   */
  boolean isUnsure(TopicPartition partition, long next) {
    StoredOffset known = acknowledged.get(partition);
    if (known != null && known.next() <= next) {
      unsure.remove(partition);
    }
    return unsure.contains(partition);
  }

  /** Returns the offset to store for a partition without one. */
  StoredOffset baseline(long position) {
    // records before the position, if there are any, may be as new as now
    return position == 0 ? StoredOffset.before(0) : StoredOffset.before(position, clock.instant());
  }

  /**
   * Returns whether this task has owned the partition before, and has therefore stored an offset
   * for it.
   */
  boolean hasHad(TopicPartition partition) {
    return former.containsKey(partition);
  }

  /**
   * Begins to track a partition. Every commit stores its offset, so a stored offset below the
   * consumer's position means that Redis has lost writes, including those of a former task.
   *
   * @param position the offset of the record that Kafka delivers next
   */
  void begin(TopicPartition partition, StoredOffset stored, long position) {
    acknowledged.put(partition, stored);
    StoredOffset before = former.remove(partition);
    reached.put(partition, position);
    newest.put(partition, stored.newest());
    committed.put(partition, stored.committed());
    long appended = before == null ? position : Math.max(position, before.next());
    if (stored.next() < appended) {
      rewind(partition, stored, appended);
    }
    boolean isCovered = position < stored.next();
    if (isCovered && (stored.committed() < 0 || position < stored.committed())) {
      unsure.add(partition);
    }
  }

  /**
   * Compares the offset in Redis with the acknowledged one.
   *
   * @return false if no offset is stored any more, so that the task must stop
   */
  boolean found(TopicPartition partition, Optional<StoredOffset> stored) {
    StoredOffset known = acknowledged.get(partition);
    if (known == null) {
      return true;
    }
    if (stored.isEmpty()) {
      return false;
    }
    acknowledged.put(partition, stored.get());
    newest.merge(partition, stored.get().newest(), Math::max);
    if (stored.get().offset() < known.offset()) {
      rewind(partition, stored.get(), known.next());
    }
    return true;
  }

  private void rewind(TopicPartition partition, StoredOffset stored, long reached) {
    long taken = this.reached.getOrDefault(partition, reached);
    rewinds.request(partition, stored.next(), Math.max(reached, taken));
    unsure.remove(partition);
    metrics.of(stream(partition)).rewound().add(reached - stored.next());
    LOG.warn(
        "Stream {} has lost acknowledged writes of {}: the stored offset is {}, and records up to"
            + " {} were appended. The connector reads the topic again from offset {} and appends {}"
            + " offsets again. Check how Redis failed over or restarted; WAIT and appendfsync bound"
            + " such losses",
        stream(partition),
        partition,
        stored.offset(),
        reached - 1,
        stored.next(),
        reached - stored.next());
  }

  /**
   * Returns the exception that stops the task because these partitions' stored offsets are missing.
   */
  ConnectException gone(Collection<TopicPartition> partitions) {
    String offsets =
        partitions.stream().map(this::describe).sorted().collect(Collectors.joining(", "));
    return new RedisConfigurationException(
        "stored offsets are missing: "
            + offsets
            + ". Redis was emptied or the key was deleted, so it is unknown which records the"
            + " streams still contain. Either restart the task to continue at Kafka's committed"
            + " offsets, or stop the connector, PATCH /connectors/"
            + connector
            + "/offsets with the kafka_offset from which to append records again, and resume it",
        null);
  }

  private String describe(TopicPartition partition) {
    StoredOffset known = acknowledged.getOrDefault(partition, former.get(partition));
    return partition
        + " for stream "
        + stream(partition)
        + " ("
        + storedOffsets(stream(partition)).describe(partition)
        + ", which was "
        + (known == null ? "unknown" : known.offset())
        + ")";
  }

  /** Returns whether a record needs no append because the stored offset covers it. */
  boolean covers(RecordOrigin origin) {
    StoredOffset known = acknowledged.get(origin.partition());
    return known != null && origin.offset() <= known.offset();
  }

  /**
   * Returns whether a covered record cannot be one that was appended: the group has lost its
   * committed offset, as it does when a topic is deleted, and the record is newer than all appended
   * ones.
   */
  boolean isOfAnotherTopic(StreamAppend covered) {
    StoredOffset known = acknowledged.get(covered.origin().partition());
    return known != null
        && unsure.contains(covered.origin().partition())
        && known.newest() >= 0
        && timestamp(covered) > known.newest();
  }

  private static long timestamp(StreamAppend append) {
    Long timestamp = append.record().timestamp();
    return timestamp == null ? -1 : timestamp;
  }

  /** Logs that a put contained only records whose offsets are covered. */
  void skipped(TopicPartition partition, long first, long last) {
    StoredOffset known = acknowledged.get(partition);
    if (known == null || clock.steady().instant().isBefore(nextReport)) {
      return;
    }
    nextReport = clock.steady().instant().plus(REPORT_INTERVAL);
    LOG.warn(
        "Skipped offsets {} to {} of {}: according to the stored offset, stream {} contains the"
            + " records up to {}. This is normal for a moment after a crash. If it continues, the"
            + " topic is a different one of the same name (recreated, restored, mirrored, or in"
            + " another Kafka cluster): either stop the connector, PATCH /connectors/{}/offsets"
            + " with the kafka_offset from which to append, and resume it; or give the connector a"
            + " name that no other cluster uses with this Redis",
        first,
        last,
        partition,
        stream(partition),
        known.offset(),
        connector);
  }

  /**
   * Checks the first record of a partition in a put.
   *
   * @return whether the record may be appended; if not, the partition is read from another offset
   * @throws ConnectException if the consumer has moved back, as it does when the log ends before
   *     its position: offsets then stand for other records
   */
  boolean accept(RecordOrigin first) {
    Rewind rewind = rewinds.isAwaiting() ? rewinds.awaited().get(first.partition()) : null;
    if (rewind == null) {
      long expected = reached.getOrDefault(first.partition(), first.offset());
      if (first.offset() < expected) {
        throw movedBack(first, expected);
      }
      return true;
    }
    if (first.offset() > rewind.from() && !rewind.isSecond()) {
      goOnFrom(first.partition(), rewind);
      return false;
    }
    rewinds.arrived(first.partition());
    reached.put(first.partition(), first.offset()); // also if this put accepts nothing
    reportMissing(first.partition(), rewind.to(), Math.min(first.offset(), rewind.from()));
    return true;
  }

  /** Records the consumer's position; all earlier records are done. */
  void passed(TopicPartition partition, long next) {
    Rewind rewind = rewinds.isAwaiting() ? rewinds.awaited().get(partition) : null;
    if (rewind != null && next >= rewind.from() && !rewinds.isSeeking(partition)) {
      goOnFrom(partition, rewind); // no record has arrived
    }
  }

  /**
   * Continues a rewind. With {@code auto.offset.reset=latest} Kafka moves a consumer whose offset
   * no longer exists to the end.
   */
  private void goOnFrom(TopicPartition partition, Rewind rewind) {
    rewinds.request(partition, new Rewind(rewind.from(), rewind.from(), true));
    reportMissing(partition, rewind.to(), rewind.from());
  }

  void took(RecordOrigin last, long newestTimestamp) {
    reached.put(last.partition(), last.offset() + 1);
    newest.merge(last.partition(), newestTimestamp, Math::max);
  }

  /** Returns the offset to store once everything up to the given one is done. */
  StoredOffset after(TopicPartition partition, long offset) {
    return new StoredOffset(
        offset, newest.getOrDefault(partition, -1L), committed.getOrDefault(partition, -1L));
  }

  private ConnectException movedBack(RecordOrigin first, long expected) {
    return new RedisConfigurationException(
        "Kafka delivered record "
            + first
            + " after offset "
            + (expected - 1)
            + ": the topic was recreated or its log was truncated, and its offsets now stand for"
            + " other records than those in stream "
            + stream(first.partition())
            + ". "
            + remedies(first.partition().topic()),
        null);
  }

  /** Returns the remedies for a topic whose offsets stand for other records now. */
  String remedies(String topic) {
    List<Integer> partitions =
        acknowledged.keySet().stream()
            .filter(partition -> partition.topic().equals(topic))
            .map(TopicPartition::partition)
            .sorted()
            .toList();
    return "To append it from its beginning, stop the connector, PATCH /connectors/"
        + connector
        + "/offsets with kafka_offset 0 for all partitions of kafka_topic "
        + topic
        + " (this task has "
        + partitions
        + "), and resume it. To continue after a record that is in the stream already, set the"
        + " offset after it instead";
  }

  private void reportMissing(TopicPartition partition, long from, long to) {
    if (from < to) {
      metrics.of(stream(partition)).missing().add(to - from);
      LOG.error(
          "Stream {} has lost acknowledged writes of {}, and reading the topic again returned no"
              + " record at offsets {} to {} ({} offsets). They are lost unless they are"
              + " transaction markers, or records that compaction or a transform removed. Check the"
              + " topic's retention",
          stream(partition),
          partition,
          from,
          to - 1,
          to - from);
    }
  }

  void end(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      StoredOffset known = acknowledged.remove(partition);
      if (known != null) {
        former.put(partition, known);
      }
    }
    reached.keySet().removeAll(partitions);
    newest.keySet().removeAll(partitions);
    committed.keySet().removeAll(partitions);
    unsure.removeAll(partitions);
  }
}
