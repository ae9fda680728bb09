/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.deadletter.DeadLetterTopic;
import io.claimstream.connect.source.deadletter.Failure;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.read.LaneBatch;
import io.claimstream.connect.source.record.EntryRecord;
import io.claimstream.connect.source.record.SourceRecordFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The way of entries that are put aside: to Kafka first, if there is a topic for them, and to Redis
 * once Kafka has them; else to Redis at once. {@link #copied} and {@link #dropped} are called by
 * Connect's threads, the rest by the task's.
 */
final class BadEntries {
  private final SourceRecordFactory records;
  private final DeadLetters deadLetters;
  private final @Nullable DeadLetterTopic topic;
  private final int maxDeliveries;
  private final Queue<Dropped> uncopied = new ConcurrentLinkedQueue<>();

  private record Dropped(RunningLane lane, EntryRecord record) {}

  /**
   * The way of one task's bad entries.
   *
   * @param topic null if they go to Redis only
   * @param maxDeliveries what was delivered more often goes to Redis only, too
   */
  BadEntries(
      SourceRecordFactory records,
      DeadLetters deadLetters,
      @Nullable DeadLetterTopic topic,
      int maxDeliveries) {
    this.records = records;
    this.deadLetters = deadLetters;
    this.topic = topic;
    this.maxDeliveries = maxDeliveries;
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
    // a dead letter that never reaches Kafka either goes to Redis alone
    if (topic == null || batch.deliveries() > maxDeliveries) {
      return deadLetters.move(lane, entry, reason);
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
   * Looks at pending entries that Kafka has something of. A bad one was produced as a dead letter:
   * as it is still pending, it has not been moved yet.
   */
  void settle(RunningLane lane, LaneBatch batch) {
    for (StreamEntry entry : batch.settled()) {
      try {
        if (!entry.isTrimmed()) {
          records.record(lane.partition(batch.consumer()), entry, batch.tracker(), Double.NaN);
        }
        batch.tracker().done(entry.id());
      } catch (BadEntryException bad) {
        deadLetters.later(lane, entry, Failure.ofDecoding(bad), null);
      }
    }
  }

  /** Moves an entry whose dead letter Kafka has. */
  void copied(RunningLane lane, EntryRecord letter, Failure reason) {
    // a dropped one was moved when Connect told of it
    if (!reason.equals(Failure.DROPPED)) {
      moveSoon(lane, letter, reason);
    }
  }

  /**
   * Moves an entry whose record was dropped on its way to Kafka. At once, as its offset may be
   * committed already; the topic gets its copy with the next poll.
   */
  void dropped(RunningLane lane, EntryRecord record) {
    lane.metrics().errors(RedisErrorKind.RECORD).add(1);
    uncopied.add(new Dropped(lane, record));
    moveSoon(lane, record, Failure.DROPPED);
  }

  private void moveSoon(RunningLane lane, EntryRecord record, Failure reason) {
    deadLetters.later(lane, record.entry(), reason, record.tracker());
    deadLetters.retry();
  }

  /** Adds the dead letters of what was dropped since the last time. */
  void copyDropped(List<SourceRecord> polled) {
    for (Dropped next = uncopied.poll(); next != null; next = uncopied.poll()) {
      EntryRecord own = next.record();
      EntryId offset = own.tracker().lastEmitted();
      if (topic != null && offset != null) {
        polled.add(
            records.deadLetter(
                SourcePartition.parse(own.sourcePartition()),
                own.entry(),
                offset,
                own.tracker(),
                topic.letter(next.lane().deadLetters().origin(), own.entry(), Failure.DROPPED),
                Failure.DROPPED));
      }
    }
  }
}
