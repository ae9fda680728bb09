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
  private static final Logger LOG = LoggerFactory.getLogger(CoveredEntries.class);

  private final ConsumerGroup group;
  private @Nullable EntryId position;
  private boolean reported;

  CoveredEntries(ConsumerGroup group) {
    this.group = group;
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

  /** Looks at an entry that is only acknowledged, as Connect's offset covers it. */
  void acknowledged(EntryId id) {
    if (!reported && position != null && !id.isAfter(position)) {
      reported = true;
      LOG.warn(
          "{} was moved back to before {}, which this connector had reached: entries up to there,"
              + " from {} on, are in Kafka and are only acknowledged. To produce them again use the"
              + " offsets API.",
          group,
          position,
          id);
    }
  }
}
