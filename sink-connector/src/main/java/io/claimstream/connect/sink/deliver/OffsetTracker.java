/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.Rewinds.Rewind;
import io.claimstream.connect.sink.deliver.ScriptCalls.Call;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.metrics.StreamMetrics.Count;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
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

  private final SinkStreams streams;
  private final Durability durability;
  private final Rewinds rewinds;
  private final SinkMetrics metrics;
  private final TaskClock clock;
  private final Map<TopicPartition, Progress> tracked = new HashMap<>();

  /** The last stored offsets of partitions that the task has given up. */
  private final Map<TopicPartition, StoredOffset> former = new HashMap<>();

  private Instant nextReport = Instant.MIN;

  /** The progress of one partition. */
  private static final class Progress {
    private StoredOffset acknowledged;

    /** The offset after the last record accepted by a put. */
    private long reached;

    /** The newest timestamp of accepted records, including records without an entry. */
    private long newest;

    private long committed;

    /** The offset before which every write is as durable as the settings require. */
    private long durable;

    /** Whether covered records may belong to another topic of the same name. */
    private boolean isUnsure;

    private Progress(StoredOffset stored, long position) {
      this.acknowledged = stored;
      this.reached = position;
      this.newest = stored.newest();
      this.committed = stored.committed();
      this.durable = position;
    }
  }

  /**
   * Creates a tracker without partitions.
   *
   * @param durability where writes must be before their offsets are committed
   */
  OffsetTracker(
      SinkStreams streams,
      Durability durability,
      Rewinds rewinds,
      SinkMetrics metrics,
      TaskClock clock) {
    this.streams = streams;
    this.durability = durability;
    this.rewinds = rewinds;
    this.metrics = metrics;
    this.clock = clock;
  }

  private Progress of(TopicPartition partition) {
    return requireNonNull(tracked.get(partition), "a partition that is not tracked");
  }

  Set<TopicPartition> partitions() {
    return Set.copyOf(tracked.keySet());
  }

  /** Returns the last offset that Redis acknowledged to this task, perhaps before a rebalance. */
  Optional<StoredOffset> last(TopicPartition partition) {
    Progress progress = tracked.get(partition);
    return Optional.ofNullable(progress == null ? former.get(partition) : progress.acknowledged);
  }

  /** Returns whether the task has given up the partition, and has therefore stored its offset. */
  boolean hasHad(TopicPartition partition) {
    return former.containsKey(partition);
  }

  /** Returns the call that stores the offset of a partition without one. */
  Call baseline(TopicPartition partition, long position) {
    // records before the position, if there are any, may be as new as now
    StoredOffset next =
        position == 0 ? StoredOffset.before(0) : StoredOffset.before(position, clock.instant());
    return new Call(partition, Optional.empty(), next, List.of());
  }

  /**
   * Begins to track a partition. Every commit stores its offset, so a stored offset below the
   * consumer's position means that Redis has lost writes, including those of a former task.
   *
   * @param position the offset of the record that Kafka delivers next
   */
  void begin(TopicPartition partition, StoredOffset stored, long position) {
    Progress progress = new Progress(stored, position);
    tracked.put(partition, progress);
    StoredOffset before = former.remove(partition);
    long appended = before == null ? position : Math.max(position, before.next());
    if (stored.next() < appended) {
      rewind(partition, progress, appended);
    }
    progress.isUnsure =
        position < stored.next() && (stored.committed() < 0 || position < stored.committed());
  }

  /** Records the offset that Redis stores now because of the task's own call. */
  void acknowledge(TopicPartition partition, StoredOffset stored) {
    of(partition).acknowledged = stored;
  }

  /**
   * Compares the offset in Redis with the acknowledged one.
   *
   * @return false if no offset is stored any more, so that the task must stop
   */
  boolean found(TopicPartition partition, Optional<StoredOffset> stored) {
    if (stored.isEmpty()) {
      return false;
    }
    Progress progress = of(partition);
    StoredOffset known = progress.acknowledged;
    progress.acknowledged = stored.get();
    progress.newest = Math.max(progress.newest, stored.get().newest());
    if (stored.get().offset() < known.offset()) {
      rewind(partition, progress, known.next());
    }
    return true;
  }

  private void rewind(TopicPartition partition, Progress progress, long appended) {
    StoredOffset stored = progress.acknowledged;
    rewinds.request(partition, stored.next(), Math.max(appended, progress.reached));
    progress.durable = Math.min(progress.durable, stored.next());
    progress.isUnsure = false;
    metrics.of(streams.of(partition)).add(Count.REWOUND, appended - stored.next());
    LOG.warn(
        "Redis has lost acknowledged writes of {} to {}: the stored offset is {}, and records up to"
            + " {} were written. The connector reads the topic again from offset {} and writes {}"
            + " offsets again. Check how Redis failed over or restarted; WAIT and appendfsync bound"
            + " such losses",
        partition,
        streams.describe(partition),
        stored.offset(),
        appended - 1,
        stored.next(),
        appended - stored.next());
  }

  /** Returns whether a record needs no append because the stored offset covers it. */
  boolean covers(RecordOrigin origin) {
    return origin.offset() <= of(origin.partition()).acknowledged.offset();
  }

  /**
   * Returns whether a covered record cannot be one that was appended: the group has lost its
   * committed offset, as it does when a topic is deleted, and the record is newer than all appended
   * ones.
   */
  boolean isOfAnotherTopic(StreamAppend covered) {
    Progress progress = of(covered.origin().partition());
    Long timestamp = covered.record().timestamp();
    return progress.isUnsure
        && progress.acknowledged.newest() >= 0
        && timestamp != null
        && timestamp > progress.acknowledged.newest();
  }

  /** Logs that a put contained only records whose offsets are covered. */
  void skipped(TopicPartition partition, long first, long last) {
    if (clock.steady().instant().isBefore(nextReport)) {
      return;
    }
    nextReport = clock.steady().instant().plus(REPORT_INTERVAL);
    LOG.warn(
        "Skipped offsets {} to {} of {}: according to the stored offset, the records up to {} were"
            + " written to {}. This is normal for a moment after a crash. If it continues, the"
            + " topic is a different one of the same name (recreated, restored, mirrored, or in"
            + " another Kafka cluster): either stop the connector, PATCH /connectors/{}/offsets"
            + " with the kafka_offset from which to write, and resume it; or give the connector a"
            + " name that no other cluster uses with this Redis",
        first,
        last,
        partition,
        of(partition).acknowledged.offset(),
        streams.describe(partition),
        streams.connector());
  }

  /** Returns the offset after the last record accepted from the partition. */
  long reached(TopicPartition partition) {
    return of(partition).reached;
  }

  /** Returns whether the consumer has moved back although nothing is read again. */
  boolean hasMovedBack(RecordOrigin first) {
    return rewinds.awaited(first.partition()) == null
        && first.offset() < reached(first.partition());
  }

  /**
   * Returns whether the first record of a partition in a put may be appended; if not, the partition
   * is read from another offset.
   */
  boolean accept(RecordOrigin first) {
    TopicPartition partition = first.partition();
    Rewind rewind = rewinds.awaited(partition);
    if (rewind == null) {
      return true;
    }
    if (first.offset() > rewind.from() && !rewind.isSecond()) {
      goOnFrom(partition, rewind);
      return false;
    }
    rewinds.arrived(partition);
    reach(partition, first.offset(), StoredOffset.UNKNOWN); // also if this put accepts nothing
    reportMissing(partition, rewind.to(), Math.min(first.offset(), rewind.from()));
    return true;
  }

  /** Records the consumer's position; all earlier records are done. */
  void passed(TopicPartition partition, long next) {
    Rewind rewind = rewinds.awaited(partition);
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

  private void reportMissing(TopicPartition partition, long from, long to) {
    if (from < to) {
      metrics.of(streams.of(partition)).add(Count.MISSING, to - from);
      LOG.error(
          "Redis has lost acknowledged writes of {} to {}, and reading the topic again returned no"
              + " record at offsets {} to {} ({} offsets). They are lost unless they are"
              + " transaction markers, or records that compaction or a transform removed. Check the"
              + " topic's retention",
          partition,
          streams.describe(partition),
          from,
          to - 1,
          to - from);
    }
  }

  /** Records the offset after the records that a put has accepted, and their newest timestamp. */
  void reach(TopicPartition partition, long next, long newest) {
    Progress progress = of(partition);
    progress.reached = next;
    progress.newest = Math.max(progress.newest, newest);
  }

  /** Returns the offset to store once everything up to the given one is done. */
  StoredOffset after(TopicPartition partition, long offset) {
    Progress progress = of(partition);
    return new StoredOffset(offset, progress.newest, progress.committed);
  }

  /**
   * Returns the call that stores the offset that Connect is about to commit; empty if that offset
   * is stored already, or may be from before a rewind.
   */
  Optional<Call> progress(TopicPartition partition, long next) {
    Progress progress = tracked.get(partition);
    return progress == null
            || progress.acknowledged.next() >= next
            || isUnsure(progress, next)
            || rewinds.isUnderWay(partition)
        ? Optional.empty()
        : Optional.of(
            new Call(
                partition,
                Optional.of(progress.acknowledged),
                after(partition, next - 1),
                List.of()));
  }

  /**
   * Returns the call that stores the stored offset once more; empty if nothing was written since it
   * became durable. It shows that Redis still has the writes, and is itself a write, after which
   * Redis can be asked whether everything before it is durable: over a connection without writes it
   * would say so at once.
   */
  Optional<Call> again(TopicPartition partition) {
    Progress progress = tracked.get(partition);
    return !durability.isRequired()
            || progress == null
            || progress.durable >= progress.acknowledged.next()
        ? Optional.empty()
        : Optional.of(
            new Call(
                partition, Optional.of(progress.acknowledged), progress.acknowledged, List.of()));
  }

  /** Records that everything up to the acknowledged offset is durable. */
  void isDurable(TopicPartition partition) {
    Progress progress = of(partition);
    progress.durable = Math.max(progress.durable, progress.acknowledged.next());
  }

  /** Returns the offset that Connect may commit now, and records it; empty if it must wait. */
  OptionalLong commit(TopicPartition partition, long next) {
    Progress progress = tracked.get(partition);
    if (progress == null || isUnsure(progress, next)) {
      return OptionalLong.empty();
    }
    long safe = progress.acknowledged.next();
    progress.committed =
        Math.min(next, durability.isRequired() ? Math.min(safe, progress.durable) : safe);
    return OptionalLong.of(progress.committed);
  }

  /**
   * Returns whether an offset must not be committed because the records before it may not be those
   * in the stream. A log that has reached the stored offset is the one that was appended.
   */
  private static boolean isUnsure(Progress progress, long next) {
    progress.isUnsure &= progress.acknowledged.next() > next;
    return progress.isUnsure;
  }

  void end(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Progress progress = tracked.remove(partition);
      if (progress != null) {
        former.put(partition, progress.acknowledged);
      }
    }
  }
}
