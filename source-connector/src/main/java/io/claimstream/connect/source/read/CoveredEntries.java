/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports entries that are read once more although Kafka has them, because somebody else moved the
 * group back. Task thread only.
 */
final class CoveredEntries {
  private final ConsumerGroup group;
  private final Logger log;
  private @Nullable EntryId position;
  private boolean reported;

  CoveredEntries(ConsumerGroup group) {
    this(group, LoggerFactory.getLogger(CoveredEntries.class));
  }

  CoveredEntries(ConsumerGroup group, Logger log) {
    this.group = group;
    this.log = log;
  }

  /**
   * Begins anew with a group that was just restored.
   *
   * @param safe up to where Kafka has everything; null if it has nothing
   */
  void restored(@Nullable EntryId safe) {
    position = safe;
    reported = false;
  }

  /** Notes up to where the group has handed out entries since then. */
  void readUpTo(EntryId id) {
    if (position == null || id.isAfter(position)) {
      position = id;
    }
  }

  /** Looks at an entry that is only acknowledged, as Connect's offset covers it. */
  void acknowledged(EntryId id) {
    if (!reported && position != null && !id.isAfter(position)) {
      reported = true;
      log.warn(
          "{} was moved back: it had been read up to {}. Entries up to there, from {} on, count as"
              + " being in Kafka and are only acknowledged. If the stream was put back under its name"
              + " (RENAME, RESTORE), they may never have been read. To produce them again use the"
              + " offsets API.",
          group,
          position,
          id);
    }
  }
}
