/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.sink.deliver.Rewinds.Rewind;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.Origin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Redis has acknowledged for each partition of the task, and what it means if Redis holds
 * something else. Used by the task's thread only.
 *
 * <p>A stored offset and the entries it stands for are written, and so lost, together: it always
 * says truly what Redis holds. If it is lower than what was acknowledged, Redis has lost writes,
 * and the partition is read again from there. If it is higher, another task of this connector, or a
 * call whose reply was lost, has appended those records. If it is gone, nobody can know what the
 * stream holds, and the task fails.
 */
final class OffsetTracker {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetTracker.class);
  private static final Duration REPORT_INTERVAL = Duration.ofMinutes(1);

  private final String connector;
  private final UnaryOperator<String> streamOf;
  private final Rewinds rewinds;
  private final SinkMetrics metrics;
  private final InstantSource clock;
  private final Map<TopicPartition, StoredOffset> acknowledged = new HashMap<>();
  private Instant nextReport = Instant.MIN;

  /**
   * A tracker without partitions.
   *
   * @param streamOf the stream of a topic's records
   */
  OffsetTracker(
      String connector,
      UnaryOperator<String> streamOf,
      Rewinds rewinds,
      SinkMetrics metrics,
      InstantSource clock) {
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

  /** The partitions that are tracked, by stream. */
  Map<String, List<TopicPartition>> byStream(Collection<TopicPartition> partitions) {
    Map<String, List<TopicPartition>> byStream = new HashMap<>();
    for (TopicPartition partition : partitions) {
      byStream.computeIfAbsent(stream(partition), stream -> new ArrayList<>()).add(partition);
    }
    return byStream;
  }

  Collection<TopicPartition> partitions() {
    return List.copyOf(acknowledged.keySet());
  }

  /** What Redis acknowledged last; null for a partition that is not tracked. */
  @Nullable StoredOffset acknowledged(TopicPartition partition) {
    return acknowledged.get(partition);
  }

  /** Redis holds this now, by the task's own call. */
  void acknowledge(TopicPartition partition, StoredOffset stored) {
    acknowledged.put(partition, stored);
  }

  /**
   * Begins to track a partition. Every commit stores what it commits, so a stored offset below the
   * consumer's position means that Redis has lost writes since, also those of a former task.
   *
   * @param position the offset of the record that Kafka hands over next
   */
  void begin(TopicPartition partition, StoredOffset stored, long position) {
    acknowledged.put(partition, stored);
    if (stored.next() < position) {
      rewind(partition, stored, position);
    }
  }

  /**
   * Compares what Redis holds with what it acknowledged.
   *
   * @return why the task must stop, or null if it can go on
   */
  @Nullable ConnectException found(TopicPartition partition, Optional<StoredOffset> stored) {
    StoredOffset known = acknowledged.get(partition);
    if (known == null) {
      return null;
    }
    if (stored.isEmpty()) {
      return gone(partition, known);
    }
    acknowledged.put(partition, stored.get());
    if (stored.get().offset() < known.offset()) {
      rewind(partition, stored.get(), known.next());
    }
    return null;
  }

  private void rewind(TopicPartition partition, StoredOffset stored, long reached) {
    rewinds.request(partition, stored.next(), reached);
    metrics.of(stream(partition)).rewound().add(reached - stored.next());
    LOG.warn(
        "Stream {} has lost acknowledged writes of {}: its stored offset is {}, and records up to {}"
            + " were appended. Reading the topic again from offset {}, to append {} offsets once"
            + " more. Check how Redis failed over or restarted; WAIT and appendfsync bound such"
            + " losses",
        stream(partition),
        partition,
        stored.offset(),
        reached - 1,
        stored.next(),
        reached - stored.next());
  }

  private ConnectException gone(TopicPartition partition, StoredOffset known) {
    String stream = stream(partition);
    return new RedisOperatorException(
        "the stored offset of "
            + partition
            + " for stream "
            + stream
            + " ("
            + storedOffsets(stream).describe(partition)
            + ") is gone; it was "
            + known.offset()
            + ". Redis was emptied or somebody deleted the key, so it is unknown which records the"
            + " stream still holds. Either restart the task to go on from Kafka's committed offset,"
            + " or stop the connector, PATCH /connectors/"
            + connector
            + "/offsets with the kafka_offset from which records are to be appended again, and"
            + " resume it",
        null);
  }

  /** Whether a record needs no append because its offset is covered by the stored one. */
  boolean covers(Origin origin) {
    StoredOffset known = acknowledged.get(origin.partition());
    return known != null && origin.offset() <= known.offset();
  }

  /**
   * Whether a covered record cannot be one that was appended: it is newer than all of those. Topics
   * that were deleted and created again start their offsets again.
   */
  boolean isNewer(StreamAppend covered) {
    StoredOffset known = acknowledged.get(covered.origin().partition());
    return known != null && known.newest() >= 0 && ExactlyOnce.timestamp(covered) > known.newest();
  }

  /** Reports that a put brought nothing but records whose offsets are covered. */
  void skipped(TopicPartition partition, long first, long last) {
    StoredOffset known = acknowledged.get(partition);
    if (known == null || clock.instant().isBefore(nextReport)) {
      return;
    }
    nextReport = clock.instant().plus(REPORT_INTERVAL);
    LOG.warn(
        "Skipped offsets {} to {} of {}: the stored offset says that stream {} holds the records up"
            + " to {}. This is normal for a moment after a crash. If it goes on, the topic is another"
            + " one under the same name (created again, restored, mirrored, or of another Kafka"
            + " cluster): either stop the connector, PATCH /connectors/{}/offsets with the"
            + " kafka_offset from which to append, and resume it; or give the connector a name that"
            + " no other cluster uses for this Redis",
        first,
        last,
        partition,
        stream(partition),
        known.offset(),
        connector);
  }

  /**
   * Looks at a partition's first record after a rewind.
   *
   * @return whether the record may be appended; if not, the partition is to be read from elsewhere
   */
  boolean accept(Origin first) {
    Rewind rewind = rewinds.awaited().get(first.partition());
    if (rewind == null) {
      return true;
    }
    if (first.offset() > rewind.from() && !rewind.isSecond()) {
      // with auto.offset.reset=latest Kafka moves a consumer on whose offset is gone to the end
      rewinds.request(first.partition(), new Rewind(rewind.from(), rewind.from(), true));
      reportMissing(first.partition(), rewind.to(), rewind.from());
      return false;
    }
    rewinds.arrived(first.partition());
    reportMissing(first.partition(), rewind.to(), Math.min(first.offset(), rewind.from()));
    return true;
  }

  private void reportMissing(TopicPartition partition, long from, long to) {
    if (from < to) {
      metrics.of(stream(partition)).missing().add(to - from);
      LOG.error(
          "Stream {} has lost acknowledged writes of {}, and reading the topic again brought no record"
              + " at offsets {} to {} ({} offsets). They are lost unless they are transaction markers,"
              + " or records that compaction or a transform removes. Check the topic's retention",
          stream(partition),
          partition,
          from,
          to - 1,
          to - from);
    }
  }

  void end(Collection<TopicPartition> partitions) {
    acknowledged.keySet().removeAll(partitions);
    rewinds.forget(partitions);
  }
}
