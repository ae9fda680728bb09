/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.lane.DeliveryLimit;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.LaneBatch;
import io.claimstream.connect.source.record.EventRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Front of dead-lettering. If there is a dead letter topic, a dead letter goes to Kafka first and
 * to Redis once Kafka has it; otherwise it goes directly to Redis. The entry is acknowledged when
 * either of the two holds the dead letter.
 *
 * <p>Without {@code redis.failed.stream} only the topic holds dead letters. If Connect drops such a
 * dead letter, its entry is marked in Redis as unwritten, stays pending, and is dead-lettered at
 * the next start, when Connect's offset may be past it. {@link #confirmed} and {@link #dropped} are
 * called by Connect's threads, {@link #retry} and {@link #close} by any thread, the other methods
 * by the task thread.
 */
public final class DeadLetterQueue {
  private final SourceRecordFactory records;
  private final DeadLetterWriter writer;
  private final @Nullable DeadLetterTopic topic;
  private final DeliveryLimit limit;
  private final DropPolicy drops;
  private final UnwrittenLog unwritten;
  private final Queue<Uncopied> uncopied = new ConcurrentLinkedQueue<>();
  private final Deque<Unsettled> unsettled = new ArrayDeque<>();

  /**
   * Entries whose dead letter is in flight to the topic again, which their trackers do not count as
   * in flight.
   */
  private final Set<Again> again = ConcurrentHashMap.newKeySet();

  /** An entry whose dead letter is not in the topic yet. */
  private record Uncopied(
      DeadLetterStream stream,
      SourcePartition partition,
      StreamEntry entry,
      AckTracker tracker,
      Failure reason) {}

  private record Unsettled(DeadLetterStream stream, LaneBatch batch) {}

  private record Again(SourcePartition partition, EntryId id) {}

  /**
   * Creates the dead letter queue of one task.
   *
   * @param topic the dead letter topic; null if dead letters go to Redis only
   * @param limit entries that exceed it go directly to {@code redis.failed.stream} if it is set,
   *     because a dead letter that never reaches Kafka would be redelivered forever
   * @param unwritten logs dead letters that did not reach the topic
   */
  public DeadLetterQueue(
      SourceRecordFactory records,
      DeadLetterWriter writer,
      @Nullable DeadLetterTopic topic,
      DeliveryLimit limit,
      DropPolicy drops,
      UnwrittenLog unwritten) {
    this.records = records;
    this.writer = writer;
    this.topic = topic;
    this.limit = limit;
    this.drops = drops;
    this.unwritten = unwritten;
  }

  /** Whether the topic is the only place for dead letters. */
  private boolean isOnlyInTopic(DeadLetterStream stream) {
    return topic != null && !stream.isKept();
  }

  /** Whether a write to Redis may be attempted now. */
  public boolean mayTry() {
    return writer.mayTry();
  }

  /** Time until a write to Redis may be attempted; zero if it may be attempted now. */
  public Duration remaining() {
    return writer.remaining();
  }

  /** Number of dead letters of one consumer that wait in memory for Redis. */
  public int waiting(DeadLetterStream stream) {
    return writer.waiting(stream);
  }

  /** Connect's failure count, to be stored when records are handed to Connect; NaN if unknown. */
  public double failuresNow() {
    return drops.failuresNow();
  }

  /**
   * Dead-letters an entry.
   *
   * @param polled receives the record for the topic
   * @return false if Redis cannot take it now. The entries after it must wait then, because
   *     Connect's offset must not pass an entry that is in neither place
   * @throws ConnectException if Redis rejects it permanently, or the outage exceeds {@code
   *     errors.retry.timeout}
   */
  public boolean add(
      DeadLetterStream stream,
      LaneBatch batch,
      StreamEntry entry,
      Failure reason,
      List<SourceRecord> polled) {
    if (topic == null || (limit.isExceeded(batch.deliveries()) && stream.isKept())) {
      return writer.move(stream, batch.consumer(), entry, reason);
    }
    SourcePartition partition = stream.partition(batch.consumer());
    polled.add(record(topic, stream, partition, entry, entry.id(), batch.tracker(), reason));
    batch.tracker().emitted(entry.id());
    return true;
  }

  private static DeadLetterRecord record(
      DeadLetterTopic topic,
      DeadLetterStream stream,
      SourcePartition partition,
      StreamEntry entry,
      EntryId offset,
      AckTracker tracker,
      Failure reason) {
    return new DeadLetterRecord(
        tracker, entry, partition, offset, topic.content(stream.origin(), entry, reason), reason);
  }

  /**
   * Settles pending entries that Connect's offset covers. Kafka has the record or the dead letter
   * of each, unless Connect dropped it. A bad entry that is still pending has not been moved to
   * Redis yet.
   */
  public void settle(DeadLetterStream stream, LaneBatch batch) {
    if (!batch.settled().isEmpty()) {
      unsettled.add(new Unsettled(stream, batch));
      settleRest();
    }
  }

  /** Whether pending entries wait in memory until Redis reports their state. */
  public boolean isUnsettled(DeadLetterStream stream) {
    return unsettled.stream().anyMatch(waiting -> waiting.stream().equals(stream));
  }

  private void settleRest() {
    while (!unsettled.isEmpty() && isSettled(unsettled.element())) {
      unsettled.remove();
    }
  }

  private boolean isSettled(Unsettled next) {
    List<StreamEntry> entries = next.batch().settled();
    Optional<Set<EntryId>> found =
        writer.unwritten(next.stream(), entries.stream().map(StreamEntry::id).toList());
    found.ifPresent(
        marked ->
            entries.forEach(e -> settle(next.stream(), next.batch(), e, marked.contains(e.id()))));
    return found.isPresent();
  }

  private void settle(
      DeadLetterStream stream, LaneBatch batch, StreamEntry entry, boolean isUnwritten) {
    SourcePartition partition = stream.partition(batch.consumer());
    Failure reason = isUnwritten ? Failure.NOT_WRITTEN : null;
    if (!entry.isTrimmed()) {
      try {
        records.record(partition, entry, batch.tracker(), Double.NaN);
      } catch (BadEntryException bad) {
        reason = Failure.ofDecoding(bad);
      }
    }
    if (reason == null || entry.isTrimmed()) {
      batch.tracker().done(entry.id());
    } else if (!isOnlyInTopic(stream)) {
      writer.moveLater(stream, batch.consumer(), entry, reason, null);
    } else if (again.add(new Again(partition, entry.id()))) {
      // a duplicate dead letter can be inspected, a lost entry cannot
      uncopied.add(new Uncopied(stream, partition, entry, batch.tracker(), reason));
    }
  }

  /**
   * Handles Connect's report about a dead letter's record.
   *
   * @param written false if a transform, a converter or a filter dropped it
   */
  public void confirmed(DeadLetterStream stream, DeadLetterRecord record, boolean written) {
    SourcePartition partition = SourcePartition.parse(record.sourcePartition());
    Failure reason = record.failure();
    if (!written) {
      unwritten.record(partition.stream(), record.id(), stream.isKept());
    }
    if (!isOnlyInTopic(stream)) {
      // the entry of a dropped record was moved when Connect reported the drop
      if (!reason.equals(Failure.DROPPED)) {
        // not urgent, because Kafka has the dead letter; and this may be the producer's own thread
        writer.moveLater(stream, partition.consumer(), record.entry(), reason, record);
      }
    } else if (written) {
      writer.report(stream, record.entry(), reason);
      record.delivered();
      again.remove(new Again(partition, record.id()));
    } else {
      mark(stream, partition, record.id());
    }
  }

  /**
   * Handles Connect's report about an event that a transform, a converter or a filter dropped.
   * Unless the drop was intended, the entry is dead-lettered: in Redis immediately, because its
   * offset may be committed already, and in the topic with the next poll.
   */
  public void dropped(DeadLetterStream stream, EventRecord record) {
    if (!drops.isFailure(record.failuresBefore())) {
      record.delivered();
      return;
    }
    stream.metrics().errors(RedisErrorKind.RECORD).add(1);
    SourcePartition partition = SourcePartition.parse(record.sourcePartition());
    uncopied.add(
        new Uncopied(stream, partition, record.entry(), record.tracker(), Failure.DROPPED));
    if (isOnlyInTopic(stream)) {
      mark(stream, partition, record.id());
    } else {
      writer.moveLater(stream, partition.consumer(), record.entry(), Failure.DROPPED, record);
      writer.retry();
    }
  }

  private void mark(DeadLetterStream stream, SourcePartition partition, EntryId id) {
    writer.markLater(stream, partition.consumer(), id);
    writer.retry();
  }

  /**
   * Resumes the work that waited for Redis.
   *
   * @param polled receives the dead letters, for the topic, of entries that were dropped or found
   *     unwritten since the last call
   * @throws ConnectException if Redis rejects one permanently, or the outage exceeds {@code
   *     errors.retry.timeout}
   */
  public void resume(List<SourceRecord> polled) {
    writer.moveWaiting();
    settleRest();
    for (Uncopied next = uncopied.poll(); next != null; next = uncopied.poll()) {
      EntryId offset = next.tracker().lastEmitted();
      if (topic != null && offset != null) {
        polled.add(
            record(
                topic,
                next.stream(),
                next.partition(),
                next.entry(),
                offset,
                next.tracker(),
                next.reason()));
      }
    }
  }

  /** Moves waiting entries as far as Redis accepts them. A persistent error surfaces in a poll. */
  public void retry() {
    writer.retry();
  }

  /** Logs counts not logged yet. Entries that wait for Redis stay pending there. */
  public void close() {
    writer.close();
    unwritten.close();
  }
}
