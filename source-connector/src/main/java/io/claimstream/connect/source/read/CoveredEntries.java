/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log of entries that are read again although Kafka has them, because another client moved the
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
   * Resets the log after the group was restored.
   *
   * @param safe id up to which Kafka has every entry; null if it has none
   */
  void restored(@Nullable EntryId safe) {
    position = safe;
    reported = false;
  }

  /** Records the last id that the group has delivered since then. */
  void readUpTo(EntryId id) {
    if (position == null || id.isAfter(position)) {
      position = id;
    }
  }

  /** Checks an entry that is only acknowledged because Connect's offset covers it. */
  void acknowledged(EntryId id) {
    if (!reported && position != null && !id.isAfter(position)) {
      reported = true;
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
