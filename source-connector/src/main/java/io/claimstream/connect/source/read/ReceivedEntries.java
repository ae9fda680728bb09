/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.ack.AckTracker.Verdict;
import io.claimstream.connect.source.consumers.StreamConsumers;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import io.claimstream.connect.source.group.GroupReport;
import io.claimstream.connect.source.group.PendingEntry;
import io.claimstream.connect.source.lane.LaneContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries that Redis delivered to one consumer, compared with those that it delivered before and
 * with Connect's offset: which of them must be emitted, and whether the stream or the group is
 * still the one that was read. Task thread only.
 */
final class ReceivedEntries {
  private static final Logger LOG = LoggerFactory.getLogger(ReceivedEntries.class);

  private final LaneContext lane;
  private final ConsumerGroup group;
  private final AckTracker tracker;
  private final StreamConsumers consumers;
  private final LossDetector losses;
  private final RecentEntries recent = new RecentEntries();
  private final GroupRecovery recovery;
  private final @Nullable EntryId startedAt;
  private @Nullable EntryId groupStoodAt;

  /** Whether other lanes may have read the stream until now. */
  private boolean wasShared;

  ReceivedEntries(
      LaneContext lane, AckTracker tracker, StreamConsumers consumers, LossDetector losses) {
    this.lane = lane;
    this.group = lane.group();
    this.tracker = tracker;
    this.consumers = consumers;
    this.losses = losses;
    this.startedAt = tracker.lastEmitted();
    this.recovery =
        new GroupRecovery(
            lane,
            consumers,
            tracker,
            recent,
            new GroupReport(group, lane.settings().start(), lane.isFirst()));
  }

  /** Whether the task started at an offset. */
  boolean hadOffset() {
    return startedAt != null;
  }

  /** Makes the group exist at Connect's offset. */
  void restoreGroup(RedisConnection open) {
    recovery.restore(open);
    consumers.restored(open);
    noteShared(() -> group.info(open));
    losses.restored(tracker.safePosition());
  }

  /**
   * Checks for entries below the last emitted id that this lane never received. A group that was
   * moved back, or a stream that was replaced, can deliver such entries. If the reply is lost, they
   * are pending and would count as being in Kafka.
   */
  void goBackBeforeUnreceived(RedisConnection open) {
    EntryId emitted = tracker.lastEmitted();
    if (emitted == null || EntryId.MAX.equals(startedAt)) {
      return;
    }
    int count = lane.settings().readCount();
    EntryId cursor = startedAt == null ? EntryId.ZERO : startedAt.next();
    List<PendingEntry> page = group.pending(open, lane.consumer(), cursor, count);
    while (!page.isEmpty() && !page.get(0).id().isAfter(emitted)) {
      for (PendingEntry entry : page) {
        if (tracker.judge(entry.id()) == Verdict.DONE && !recent.knows(entry.id())) {
          if (consumers.several()) {
            consumers.received(open, entry.id(), null);
            return;
          } else if (recent.isMissing(entry.id())) {
            readAsNew(open, entry.id());
            return;
          }
        }
      }
      EntryId last = page.get(page.size() - 1).id();
      page =
          last.equals(EntryId.MAX)
              ? List.of()
              : group.pending(open, lane.consumer(), last.next(), count);
    }
  }

  private void readAsNew(RedisConnection open, EntryId first) {
    recovery.readAsNew(open, first.previous());
    consumers.rewatch(open);
  }

  /** Remembers entries that were read. */
  void remember(List<StreamEntry> entries) {
    for (StreamEntry entry : entries) {
      // a trimmed entry is pending until it is acknowledged, and was delivered to this lane
      // nevertheless
      if (!entry.isTrimmed() || !recent.knows(entry.id())) {
        recent.add(entry);
      }
    }
  }

  /**
   * Returns those of the entries that must be emitted; the others are in flight or only need to be
   * acknowledged.
   */
  List<StreamEntry> fresh(RedisConnection open, ReadRequest.Answer answer) {
    List<StreamEntry> entries = answer.entries();
    EntryId emitted = tracker.lastEmitted();
    boolean several = consumers.several();
    noteShared(answer::before);
    if (!several && emitted != null) {
      entries.stream()
          .filter(entry -> !entry.id().isAfter(emitted) && !entry.isTrimmed())
          .filter(recent::isMissing)
          .findFirst()
          .ifPresent(entry -> readAsNew(open, entry.id()));
    }
    remember(entries);
    losses.skipped(answer.skipped());
    answer.info().ifPresent(now -> compare(open, entries, now, several));
    List<StreamEntry> fresh = new ArrayList<>(entries.size());
    for (StreamEntry entry : entries) {
      switch (tracker.judge(entry.id())) {
        case EMIT -> fresh.add(entry);
        case DONE -> {
          losses.covered(entry.id());
          tracker.done(entry.id());
        }
        case IN_FLIGHT -> LOG.debug("{}: entry {} is in flight already", group, entry.id());
      }
    }
    if (!entries.isEmpty()) {
      losses.readUpTo(entries.get(entries.size() - 1).id());
    }
    return fresh;
  }

  /**
   * Remembers how far other lanes may have read when this one begins to read alone. Their entries
   * are in Kafka, whatever this lane's own offset says.
   */
  private void noteShared(Supplier<Optional<GroupInfo>> before) {
    if (wasShared && !consumers.several()) {
      before.get().ifPresent(state -> recent.unknownUpTo(state.lastDelivered()));
    }
    wasShared = consumers.several();
  }

  private void compare(
      RedisConnection open, List<StreamEntry> entries, GroupInfo now, boolean several) {
    if (several) {
      recent.sharedUpTo(now.lastDelivered());
    }
    if (!entries.isEmpty()) {
      consumers.received(open, entries.get(0).id(), groupStoodAt);
    }
    if (lane.isFirst() && entries.isEmpty()) {
      losses.nothingLeft(now.lag());
    }
    groupStoodAt = now.lastDelivered();
  }
}
