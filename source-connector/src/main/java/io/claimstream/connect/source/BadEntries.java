/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.LaneBatch;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
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
 * The way of entries that are put aside: to Kafka first, if there is a topic for them, and to Redis
 * once Kafka has them; else to Redis at once. An entry is acknowledged when one of the two holds
 * it.
 *
 * <p>Without {@code redis.failed.stream} only the topic can. What Connect drops on its way there is
 * marked in Redis as held by nothing else, stays pending, and becomes a dead letter at the next
 * start: Connect's offset may be beyond it by then. {@link #told} and {@link #dropped} are called
 * by Connect's threads, the rest by the task's.
 */
final class BadEntries {
  private final SourceRecordFactory records;
  private final DeadLetters deadLetters;
  private final @Nullable DeadLetterTopic topic;
  private final int maxDeliveries;
  private final UnwrittenLog unwritten;
  private final Queue<Uncopied> uncopied = new ConcurrentLinkedQueue<>();
  private final Deque<Settled> unsettled = new ArrayDeque<>();

  /** Entries on their way to the topic again that their trackers do not know to be in flight. */
  private final Set<Again> again = ConcurrentHashMap.newKeySet();

  /** An entry whose dead letter the topic does not have yet. */
  private record Uncopied(
      RunningLane lane,
      SourcePartition partition,
      StreamEntry entry,
      AckTracker tracker,
      Failure reason) {}

  private record Settled(RunningLane lane, LaneBatch batch) {}

  private record Again(SourcePartition partition, EntryId id) {}

  /**
   * The way of one task's bad entries.
   *
   * @param topic null if they go to Redis only
   * @param maxDeliveries what was delivered more often goes to Redis only, too, if that keeps it
   * @param unwritten tells what is in neither place
   */
  BadEntries(
      SourceRecordFactory records,
      DeadLetters deadLetters,
      @Nullable DeadLetterTopic topic,
      int maxDeliveries,
      UnwrittenLog unwritten) {
    this.records = records;
    this.deadLetters = deadLetters;
    this.topic = topic;
    this.maxDeliveries = maxDeliveries;
    this.unwritten = unwritten;
  }

  /** Whether an entry is held by its record in the topic or by nothing. */
  private boolean isOnlyInTopic(RunningLane lane) {
    return topic != null && !lane.deadLetters().isKept();
  }

  /**
   * Puts an entry aside.
   *
   * @param polled gets the record for Kafka
   * @return false if Redis cannot take it now. What comes after it has to wait then: Connect's
   *     offset must not pass an entry that is in neither place.
   * @throws ConnectException if Redis refuses it for good, or the outage has lasted too long
   */
  boolean putAside(
      RunningLane lane,
      LaneBatch batch,
      StreamEntry entry,
      Failure reason,
      List<SourceRecord> polled) {
    // a dead letter that never reaches Kafka either goes to Redis alone, where that keeps it
    if (topic == null || (batch.deliveries() > maxDeliveries && lane.deadLetters().isKept())) {
      return deadLetters.move(lane, batch.consumer(), entry, reason);
    }
    polled.add(
        records.deadLetter(
            lane.partition(batch.consumer()),
            entry,
            entry.id(),
            batch.tracker(),
            topic.letter(lane.deadLetters().origin(), entry, reason),
            reason));
    batch.tracker().emitted(entry.id());
    return true;
  }

  /**
   * Looks at pending entries that Connect's offset covers. Kafka has the record or the dead letter
   * of each, unless Connect dropped it; as it is still pending, a bad one has not been moved yet.
   */
  void settle(RunningLane lane, LaneBatch batch) {
    if (!batch.settled().isEmpty()) {
      unsettled.add(new Settled(lane, batch));
      settleRest();
    }
  }

  /** Whether entries of a lane wait in memory until Redis says what they are. */
  boolean isUnsettled(RunningLane lane) {
    return unsettled.stream().anyMatch(waiting -> waiting.lane().equals(lane));
  }

  /** Looks at what {@link #settle} could not ask Redis about. */
  void settleRest() {
    while (!unsettled.isEmpty() && isSettled(unsettled.element())) {
      unsettled.remove();
    }
  }

  private boolean isSettled(Settled next) {
    List<StreamEntry> entries = next.batch().settled();
    Optional<Set<EntryId>> nowhere =
        deadLetters.nowhere(next.lane(), entries.stream().map(StreamEntry::id).toList());
    nowhere.ifPresent(
        marked ->
            entries.forEach(e -> settle(next.lane(), next.batch(), e, marked.contains(e.id()))));
    return nowhere.isPresent();
  }

  private void settle(RunningLane lane, LaneBatch batch, StreamEntry entry, boolean isNowhere) {
    Failure reason = isNowhere ? Failure.NOT_WRITTEN : null;
    if (!entry.isTrimmed()) {
      try {
        records.record(lane.partition(batch.consumer()), entry, batch.tracker(), Double.NaN);
      } catch (BadEntryException bad) {
        reason = Failure.ofDecoding(bad);
      }
    }
    if (reason == null || entry.isTrimmed()) {
      batch.tracker().done(entry.id());
    } else if (!isOnlyInTopic(lane)) {
      deadLetters.later(lane, batch.consumer(), entry, reason, null);
    } else {
      SourcePartition partition = lane.partition(batch.consumer());
      // a dead letter too many can be looked at, a lost entry cannot
      if (again.add(new Again(partition, entry.id()))) {
        uncopied.add(new Uncopied(lane, partition, entry, batch.tracker(), reason));
      }
    }
  }

  /**
   * Notes what became of a dead letter's record.
   *
   * @param written false if a transform, a converter or a filter dropped it
   */
  void told(RunningLane lane, EntryRecord letter, Failure reason, boolean written) {
    SourcePartition partition = SourcePartition.parse(letter.sourcePartition());
    if (!written) {
      unwritten.note(lane.stream(), letter.id(), lane.deadLetters().isKept());
    }
    if (!isOnlyInTopic(lane)) {
      // a dropped record's entry was moved when Connect told of it
      if (!reason.equals(Failure.DROPPED)) {
        // nobody waits for it: Kafka has the dead letter, and this may be the producer's own thread
        deadLetters.later(lane, partition.consumer(), letter.entry(), reason, letter);
      }
    } else if (written) {
      deadLetters.putAside(lane, letter.entry(), reason);
      letter.delivered();
      again.remove(new Again(partition, letter.id()));
    } else {
      markSoon(lane, partition, letter.id());
    }
  }

  /**
   * Puts an entry aside whose record was dropped on its way to Kafka. At once, as its offset may be
   * committed already; the topic gets its copy with the next poll.
   */
  void dropped(RunningLane lane, EntryRecord record) {
    lane.metrics().errors(RedisErrorKind.RECORD).add(1);
    SourcePartition partition = SourcePartition.parse(record.sourcePartition());
    uncopied.add(new Uncopied(lane, partition, record.entry(), record.tracker(), Failure.DROPPED));
    if (isOnlyInTopic(lane)) {
      markSoon(lane, partition, record.id());
    } else {
      deadLetters.later(lane, partition.consumer(), record.entry(), Failure.DROPPED, record);
      deadLetters.retry();
    }
  }

  private void markSoon(RunningLane lane, SourcePartition partition, EntryId id) {
    deadLetters.markLater(lane, partition.consumer(), id);
    deadLetters.retry();
  }

  /** Adds the dead letters of what was dropped, or found to be nowhere, since the last time. */
  void copyUncopied(List<SourceRecord> polled) {
    for (Uncopied next = uncopied.poll(); next != null; next = uncopied.poll()) {
      EntryId offset = next.tracker().lastEmitted();
      if (topic != null && offset != null) {
        polled.add(
            records.deadLetter(
                next.partition(),
                next.entry(),
                offset,
                next.tracker(),
                topic.letter(next.lane().deadLetters().origin(), next.entry(), next.reason()),
                next.reason()));
      }
    }
  }

  /** Tells what was not told yet. */
  void close() {
    unwritten.close();
  }
}
