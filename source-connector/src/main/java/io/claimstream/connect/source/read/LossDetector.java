/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
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
  private boolean hasBegun;

  /** Whether the lag may be that of another server, whose count is behind. */
  private boolean isLagUncertain;

  /** The same for the count of entries read, which Redis corrects only when it skips some. */
  private boolean isCountUncertain;

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
   * Records entries that Redis counted as read without delivering them. Redis from 8.0 on, and
   * Valkey from 8.1 on, do so with those that were trimmed before they were read, when the next
   * entry is delivered to any consumer of the group.
   *
   * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">entries-read</a>
   */
  void skipped(long counted) {
    // after an XDEL Redis 7 corrects its count by what the lag has shown before
    long reported = Math.min(counted, knownLag);
    knownLag -= reported;
    long missing = counted - reported;
    if (missing > 0 && isCountUncertain) {
      trimmed.add(missing);
      log.warn(
          "{}: Redis skipped {} entries that it counted as read without delivering them. Either"
              + " they were trimmed before they were read, and their content is lost, or its count"
              + " was behind after a failover or restart, which is harmless. If the stream was not"
              + " trimmed, nothing is lost.",
          group,
          missing);
    } else if (missing > 0) {
      report(missing);
    }
    isCountUncertain &= missing <= 0;
  }

  /**
   * Compares the lag of a group that has nothing left to read. Redis up to 7.2 keeps in it the
   * entries that were trimmed before they were read: those lost while no task ran are reported at
   * the next start, and again at every later one. Redis before 7.0 reports no lag, and nothing is
   * detected there.
   *
   * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">lag</a>
   */
  void nothingLeft(OptionalLong lag) {
    if (lag.isEmpty()) {
      return;
    }
    long missing = lag.getAsLong() - knownLag;
    knownLag = lag.getAsLong();
    if (missing > 0 && isLagUncertain) {
      log.warn(
          "{}: nothing is left to read, but Redis counts {} entries more as unread since the"
              + " connection was lost. Either they were trimmed meanwhile, or a failover or"
              + " restart set the count back, which is harmless. If the stream was not trimmed,"
              + " nothing is lost.",
          group,
          missing);
    } else if (missing > 0) {
      report(missing);
    }
    isLagUncertain = false;
  }

  private void report(long missing) {
    trimmed.add(missing);
    log.warn(
        "{}: {} entries were trimmed before they were read: their content is lost. Trim the"
            + " stream less (MAXLEN, MINID), so that its retention covers the consumers' lag.",
        group,
        missing);
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
   */
  void restored(@Nullable EntryId safe) {
    position = safe;
    // a replica does not count what its master delivers
    isLagUncertain = hasBegun;
    isCountUncertain = hasBegun;
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
