/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import io.claimstream.connect.source.consumers.Backlog;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.LaneContext;
import io.claimstream.connect.source.lane.LaneSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reader of one pass over a consumer's pending entries, in order, which separates those that Kafka
 * has from the others.
 *
 * <p>Only entries that must be emitted are delivered again; checking the others does not change
 * their delivery count. Every pending entry is looked up once: a page in the round trip in which
 * the last entries of the page before it are read. The entries themselves are not read ahead: if
 * one of a batch ends the task, only that batch has been delivered.
 */
final class PendingReader {
  private static final Logger LOG = LoggerFactory.getLogger(PendingReader.class);

  /**
   * Limit needed because, with exactly-once support, Connect may report a dropped record only after
   * another record.
   */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private final ConsumerGroup group;
  private final Backlog backlog;
  private final String consumer;
  private final AckTracker tracker;
  private final LaneSettings settings;
  private final InstantSource clock;
  private final Deque<PendingEntry> page = new ArrayDeque<>();

  /** First id of the next page; null if there can be no further page. */
  private @Nullable EntryId cursor = EntryId.ZERO;

  private boolean isAtEnd;
  private boolean hasOneAlone;
  private boolean awaitsKafka;
  private @Nullable Instant awaitsSince;
  private @Nullable EntryId firstKnown;
  private @Nullable EntryId lastKnown;
  private int known;

  /**
   * Creates a reader at the consumer's first pending entry.
   *
   * @param lane the lane that reads
   */
  PendingReader(LaneContext lane, Backlog backlog) {
    this.group = lane.group();
    this.backlog = backlog;
    this.consumer = backlog.ownership().consumer();
    this.tracker = backlog.tracker();
    this.settings = lane.settings();
    this.clock = lane.clock();
  }

  AckTracker tracker() {
    return tracker;
  }

  /** Whether the last call of {@link #next} found no pending entries left. */
  boolean isAtEnd() {
    return isAtEnd;
  }

  /** Whether the next entry waits until Kafka has all emitted records. */
  boolean awaitsKafka() {
    return awaitsKafka;
  }

  /**
   * Returns the next pending entries.
   *
   * @param count number of entries to look up at once
   * @param most maximum number of entries to read
   * @throws org.apache.kafka.connect.errors.ConnectException if a newer task owns the consumer and
   *     therefore its entries, whose state the tracker does not know
   */
  LaneBatch next(RedisConnection connection, int count, int most) {
    awaitsKafka = false;
    // nothing may end the task during a try of an entry alone but that entry
    if (hasOneAlone && mustAwaitKafka()) {
      return batch(List.of());
    }
    hasOneAlone = false;
    if (page.isEmpty() && !lookUp(connection, count)) {
      isAtEnd = true;
      report();
      return batch(List.of());
    }
    List<EntryId> run = new ArrayList<>();
    List<EntryId> settled = new ArrayList<>();
    while (!page.isEmpty()) {
      PendingEntry entry = page.element();
      Verdict verdict = tracker.judge(entry.id());
      boolean isSpecial = verdict == Verdict.EMIT && isSpecial(entry);
      if (isSpecial && run.isEmpty() && settled.isEmpty()) {
        return special(connection, entry);
      }
      boolean isReadFull =
          Math.max(run.size(), settings.hasDeadLetterTopic() ? settled.size() : 0) >= most;
      // Redis delivers consecutive entries, including those to be skipped
      if (isSpecial || isReadFull || (verdict != Verdict.EMIT && !run.isEmpty())) {
        break;
      }
      if (verdict == Verdict.EMIT) {
        run.add(entry.id());
      } else if (verdict == Verdict.DONE) {
        settled.add(entry.id());
      }
      page.remove();
    }
    awaitsSince = null;
    List<StreamEntry> entries =
        page.isEmpty() && cursor != null && !run.isEmpty() && backlog.delivers()
            ? readAndLookUp(connection, run, cursor, count)
            : read(connection, run);
    return new LaneBatch(entries, tracker, consumer, settle(connection, settled), 0);
  }

  private boolean lookUp(RedisConnection connection, int count) {
    if (cursor != null) {
      List<Command> commands = lookUpCommands(cursor, count);
      takePage(connection.pipeline(commands), commands);
    }
    return !page.isEmpty();
  }

  /** Returns the commands of a lookup, the last of which shows whose the consumer is. */
  private List<Command> lookUpCommands(EntryId from, int count) {
    return List.of(group.pendingCommand(consumer, from, count), backlog.ownership().ownerCommand());
  }

  private void takePage(List<@Nullable Object> replies, List<Command> commands) {
    List<PendingEntry> found = group.parsePending(Replies.checked(replies.get(0), commands.get(0)));
    backlog.ownership().confirm(replies.get(1));
    page.addAll(found);
    EntryId last = found.isEmpty() ? EntryId.MAX : page.getLast().id();
    cursor = last.equals(EntryId.MAX) ? null : last.next();
  }

  /** Delivers the last entries of a page and looks up the next page in one round trip. */
  private List<StreamEntry> readAndLookUp(
      RedisConnection connection, List<EntryId> run, EntryId from, int count) {
    List<Command> commands = new ArrayList<>();
    commands.add(readCommand(run));
    commands.addAll(lookUpCommands(from, count));
    List<@Nullable Object> replies = connection.pipeline(commands);
    List<StreamEntry> entries = judged(run, Replies.checked(replies.get(0), commands.get(0)));
    takePage(replies.subList(1, 3), commands.subList(1, 3));
    return entries;
  }

  private LaneBatch batch(List<StreamEntry> entries) {
    return new LaneBatch(entries, tracker, consumer, List.of(), 0);
  }

  /** Marks entries that Connect's offset covers, or returns them if they must be checked. */
  private List<StreamEntry> settle(RedisConnection connection, List<EntryId> ids) {
    boolean mustCheck = settings.hasDeadLetterTopic() && !ids.isEmpty();
    for (EntryId id : ids) {
      if (mustCheck || tracker.done(id)) {
        count(id);
      }
    }
    return mustCheck ? group.entries(connection, ids) : List.of();
  }

  private void count(EntryId id) {
    firstKnown = firstKnown == null ? id : firstKnown;
    lastKnown = id;
    known++;
  }

  /**
   * Logs pending entries that Kafka has: normal at a start, otherwise Redis lost acknowledgements.
   */
  private void report() {
    if (known > 0 && backlog.delivers()) {
      LOG.info(
          "{}: {} pending entries of consumer '{}', from {} to {}, are in Kafka and are only"
              + " acknowledged",
          group,
          known,
          consumer,
          firstKnown,
          lastKnown);
    } else if (known > 0) {
      LOG.warn(
          "{}: {} entries that consumer '{}' had acknowledged, from {} to {}, are pending again:"
              + " Redis lost the acknowledgements. They are in Kafka and are only acknowledged"
              + " again.",
          group,
          known,
          consumer,
          firstKnown,
          lastKnown);
    }
  }

  private boolean isSpecial(PendingEntry entry) {
    return backlog.delivers() && settings.deliveryLimit().isReachedByNext(entry.deliveries());
  }

  private LaneBatch special(RedisConnection connection, PendingEntry entry) {
    List<EntryId> alone = List.of(entry.id());
    if (settings.deliveryLimit().isUsedUp(entry.deliveries())) {
      page.remove();
      // the extra delivery shows at the next start that the dead letter failed as well
      List<StreamEntry> body =
          settings.hasDeadLetterTopic()
              ? read(connection, alone)
              : group.entries(connection, alone);
      return new LaneBatch(body, tracker, consumer, List.of(), Math.toIntExact(entry.deliveries()));
    }
    if (mustAwaitKafka()) {
      return batch(List.of());
    }
    awaitsSince = null;
    page.remove();
    hasOneAlone = true;
    return batch(read(connection, alone));
  }

  private boolean mustAwaitKafka() {
    awaitsKafka = tracker.inFlight() > 0 && !hasWaited();
    return awaitsKafka;
  }

  private boolean hasWaited() {
    if (awaitsSince == null) {
      awaitsSince = clock.instant();
    }
    return !clock.instant().isBefore(awaitsSince.plus(LONGEST_WAIT));
  }

  /** Delivers these entries again, except those that another consumer has taken in the meantime. */
  private List<StreamEntry> read(RedisConnection connection, List<EntryId> run) {
    if (run.isEmpty()) {
      return List.of();
    }
    return backlog.delivers()
        ? judged(run, connection.call(readCommand(run)))
        : group.entries(connection, run);
  }

  private Command readCommand(List<EntryId> run) {
    return group.readPending(consumer, run.size(), run.get(0).previous());
  }

  private static List<StreamEntry> judged(List<EntryId> run, @Nullable Object reply) {
    List<StreamEntry> delivered = Replies.entriesOfOneStream(reply);
    List<StreamEntry> entries = new ArrayList<>(delivered.size());
    int next = 0;
    // both are in order
    for (StreamEntry entry : delivered) {
      while (next < run.size() && entry.id().isAfter(run.get(next))) {
        next++;
      }
      if (next < run.size() && entry.id().equals(run.get(next))) {
        entries.add(entry);
      }
    }
    return entries;
  }
}
