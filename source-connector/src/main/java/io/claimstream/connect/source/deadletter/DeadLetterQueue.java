/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
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
 * The one way of entries that become dead letters: to Kafka first, if there is a topic for them,
 * and to Redis once Kafka has them; else to Redis at once. An entry is acknowledged when one of the
 * two holds it.
 *
 * <p>Without {@code redis.failed.stream} only the topic can. An entry whose dead letter Connect
 * dropped is marked in Redis as held by nothing else, stays pending, and becomes a dead letter at
 * the next start: Connect's offset may be beyond it by then. {@link #confirmed} and {@link
 * #dropped} are called by Connect's threads, {@link #retry} and {@link #close} by any, the rest by
 * the task's.
 */
public final class DeadLetterQueue {
  private final SourceRecordFactory records;
  private final DeadLetterWriter writer;
  private final @Nullable DeadLetterTopic topic;
  private final int maxDeliveries;
  private final DropPolicy drops;
  private final UnwrittenLog unwritten;
  private final Queue<Uncopied> uncopied = new ConcurrentLinkedQueue<>();
  private final Deque<Unsettled> unsettled = new ArrayDeque<>();

  /** Entries in flight to the topic again that their trackers do not know to be in flight. */
  private final Set<Again> again = ConcurrentHashMap.newKeySet();

  /** An entry whose dead letter the topic does not have yet. */
  private record Uncopied(
      DeadLetterStream stream,
      SourcePartition partition,
      StreamEntry entry,
      AckTracker tracker,
      Failure reason) {}

  private record Unsettled(DeadLetterStream stream, LaneBatch batch) {}

  private record Again(SourcePartition partition, EntryId id) {}

  /**
   * The dead letters of one task.
   *
   * @param topic null if they go to Redis only
   * @param maxDeliveries entries that were delivered more often go to Redis only, if that keeps
   *     them: a dead letter that never reaches Kafka either would come back for ever
   * @param unwritten reports dead letters that are in neither place
   */
  public DeadLetterQueue(
      SourceRecordFactory records,
      DeadLetterWriter writer,
      @Nullable DeadLetterTopic topic,
      int maxDeliveries,
      DropPolicy drops,
      UnwrittenLog unwritten) {
    this.records = records;
    this.writer = writer;
    this.topic = topic;
    this.maxDeliveries = maxDeliveries;
    this.drops = drops;
    this.unwritten = unwritten;
  }

  /** Whether an entry is held by its record in the topic or by nothing. */
  private boolean isOnlyInTopic(DeadLetterStream stream) {
    return topic != null && !stream.isKept();
  }

  /** Whether Redis may be tried now. */
  public boolean mayTry() {
    return writer.mayTry();
  }

  /** How long until Redis may be tried again; zero if it may be now. */
  public Duration remaining() {
    return writer.remaining();
  }

  /** How many dead letters of one consumer wait in memory for Redis. */
  public int waiting(DeadLetterStream stream) {
    return writer.waiting(stream);
  }

  /** Connect's count of failures, to be noted when records are handed to it; NaN if unknown. */
  public double failuresNow() {
    return drops.failuresNow();
  }

  /**
   * Adds an entry.
   *
   * @param polled gets the record for Kafka
   * @return false if Redis cannot take it now. What comes after it has to wait then: Connect's
   *     offset must not pass an entry that is in neither place.
   * @throws ConnectException if Redis refuses it for good, or the outage has lasted too long
   */
  public boolean add(
      DeadLetterStream stream,
      LaneBatch batch,
      StreamEntry entry,
      Failure reason,
      List<SourceRecord> polled) {
    if (topic == null || (batch.deliveries() > maxDeliveries && stream.isKept())) {
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
   * Looks at pending entries that Connect's offset covers. Kafka has the record or the dead letter
   * of each, unless Connect dropped it; as it is still pending, a bad one has not been moved yet.
   */
  public void settle(DeadLetterStream stream, LaneBatch batch) {
    if (!batch.settled().isEmpty()) {
      unsettled.add(new Unsettled(stream, batch));
      settleRest();
    }
  }

  /** Whether pending entries wait in memory until Redis says what they are. */
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
    Optional<Set<EntryId>> nowhere =
        writer.nowhere(next.stream(), entries.stream().map(StreamEntry::id).toList());
    nowhere.ifPresent(
        marked ->
            entries.forEach(e -> settle(next.stream(), next.batch(), e, marked.contains(e.id()))));
    return nowhere.isPresent();
  }

  private void settle(
      DeadLetterStream stream, LaneBatch batch, StreamEntry entry, boolean isNowhere) {
    SourcePartition partition = stream.partition(batch.consumer());
    Failure reason = isNowhere ? Failure.NOT_WRITTEN : null;
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
      // a dead letter too many can be looked at, a lost entry cannot
      uncopied.add(new Uncopied(stream, partition, entry, batch.tracker(), reason));
    }
  }

  /**
   * Takes Connect's report of a dead letter's record.
   *
   * @param written false if a transform, a converter or a filter dropped it
   */
  public void confirmed(DeadLetterStream stream, DeadLetterRecord record, boolean written) {
    SourcePartition partition = SourcePartition.parse(record.sourcePartition());
    Failure reason = record.failure();
    if (!written) {
      unwritten.note(partition.stream(), record.id(), stream.isKept());
    }
    if (!isOnlyInTopic(stream)) {
      // a dropped record's entry was moved when Connect reported it
      if (!reason.equals(Failure.DROPPED)) {
        // nobody waits for it: Kafka has the dead letter, and this may be the producer's own thread
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
   * Takes Connect's report of an event that a transform, a converter or a filter dropped. Unless
   * that was meant, the entry is dead-lettered: in Redis at once, as its offset may be committed
   * already; the topic gets its copy with the next poll.
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
   * Does what had to wait for Redis.
   *
   * @param polled gets the dead letters, for the topic, of entries that were dropped or found to be
   *     held by nothing since the last time
   * @throws ConnectException if Redis refuses one for good, or the outage has lasted too long
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

  /** Moves what waits for Redis, as far as Redis takes it. A lasting error surfaces in a poll. */
  public void retry() {
    writer.retry();
  }

  /** Reports what was not reported yet. What waits for Redis stays pending there. */
  public void close() {
    writer.close();
    unwritten.close();
  }
}
