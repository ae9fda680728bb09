/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.GroupInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detector of entries that do not reach Kafka through this consumer: trimmed before they were read,
 * trimmed while they were pending, or delivered with ids that Connect's offset covers because
 * another client moved the group back. Logs and counts them. Task thread only.
 */
final class LossDetector {
  private final ConsumerGroup group;
  private final Counter trimmed;
  private final Logger log;
  private long knownLag;
  private @Nullable GroupInfo last;
  private boolean hasBegun;

  /** Whether the lag may be that of another server, whose count is behind. */
  private boolean isLagUncertain;

  private @Nullable EntryId position;
  private boolean hasReportedCovered;

  LossDetector(ConsumerGroup group, Counter trimmed) {
    this(group, trimmed, LoggerFactory.getLogger(LossDetector.class));
  }

  LossDetector(ConsumerGroup group, Counter trimmed, Logger log) {
    this.group = group;
    this.trimmed = trimmed;
    this.log = log;
  }

  /**
   * Checks a read for entries that were trimmed before they were read. Redis up to 7.2 keeps them
   * in the group's lag, also when nothing is left to read: those lost while no task ran are
   * reported at the next start, and again at every later one. Newer versions, and Valkey from 8.1
   * on, count them as read when the next entry is delivered. Then the count grows by more than was
   * delivered, which shows them only if no other consumer reads. Redis before 7.0 has neither, and
   * nothing is detected there.
   *
   * @param entries the new entries of the read
   * @param now the group's state from the same transaction
   * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">lag and entries-read</a>
   */
  void read(RedisConnection connection, List<StreamEntry> entries, GroupInfo now) {
    GroupInfo before = last;
    last = now;
    if (before != null && !entries.isEmpty()) {
      long missing = skipped(before, now) - entries.size();
      if (missing > 0 && isEmpty(connection, before.lastDelivered(), entries.get(0).id())) {
        report(missing);
      }
    } else if (entries.isEmpty() && now.lag().isPresent()) {
      long missing = now.lag().getAsLong() - knownLag;
      knownLag = now.lag().getAsLong();
      if (isLagUncertain && missing > 0) {
        log.warn(
            "{}: nothing is left to read, but Redis counts {} entries more as unread since the"
                + " connection was lost. Either they were trimmed meanwhile, or a failover or"
                + " restart set the count back, which is harmless. If the stream was not trimmed,"
                + " nothing is lost.",
            group,
            missing);
      } else {
        report(missing);
      }
      isLagUncertain = false;
    }
  }

  /** Returns by how much the count has grown; 0 if others may have read or it is unknown. */
  private static long skipped(GroupInfo before, GroupInfo now) {
    return before.read().isPresent() && now.read().isPresent() && now.consumers() == 1
        ? now.read().getAsLong() - before.read().getAsLong()
        : 0;
  }

  /** Whether the stream has nothing between two ids; otherwise the group was moved over it. */
  private boolean isEmpty(RedisConnection connection, EntryId after, EntryId before) {
    return group.range(connection, after.next(), before.previous(), 1).isEmpty();
  }

  private void report(long missing) {
    if (missing > 0) {
      trimmed.add(missing);
      log.warn(
          "{}: {} entries were trimmed before they were read: their content is lost. Trim the"
              + " stream less (MAXLEN, MINID), so that its retention covers the consumers' lag.",
          group,
          missing);
    }
  }

  /**
   * Returns the entries that still have content; acknowledges each of the others, which were
   * trimmed while they were pending and cannot be emitted.
   */
  List<StreamEntry> withoutTrimmed(List<StreamEntry> entries, AckTracker owner) {
    if (entries.stream().noneMatch(StreamEntry::isTrimmed)) {
      return entries;
    }
    List<StreamEntry> living = new ArrayList<>();
    for (StreamEntry entry : entries) {
      if (entry.isTrimmed()) {
        log.warn(
            "{}: entry {} was trimmed from the stream before it reached Kafka: its content is lost."
                + " Trim the stream less (MAXLEN, MINID), so that its retention covers the"
                + " consumers' lag.",
            group,
            entry.id());
        trimmed.add(1);
        owner.done(entry.id());
      } else {
        living.add(entry);
      }
    }
    return living;
  }

  /**
   * Resets the check after the group was restored.
   *
   * @param safe id up to which Kafka has every entry; null if it has none
   * @param now the group's state; empty if it was lost again
   */
  void restored(@Nullable EntryId safe, Optional<GroupInfo> now) {
    position = safe;
    last = now.orElse(null);
    // a replica does not count what its master delivers
    isLagUncertain = hasBegun;
    hasBegun = true;
    hasReportedCovered = false;
  }

  /** Records the last id that the group has delivered since then. */
  void readUpTo(EntryId id) {
    if (position == null || id.isAfter(position)) {
      position = id;
    }
  }

  /** Checks an entry that is only acknowledged because Connect's offset covers it. */
  void covered(EntryId id) {
    if (!hasReportedCovered && position != null && !id.isAfter(position)) {
      hasReportedCovered = true;
      log.warn(
          "{} was moved back: it had been read up to {}. Entries up to that id, starting with {},"
              + " count as being in Kafka and are only acknowledged. If the stream was renamed or"
              + " restored (RENAME, RESTORE), they may never have been read. To produce them again,"
              + " use Connect's offsets API.",
          group,
          position,
          id);
    }
  }
}
