/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices entries that were trimmed from the stream before anybody read them: Redis counts them as
 * read when it passes over them. Task thread only, and only where one lane reads the group.
 *
 * <p>Redis before 7.0 does not count what a group has read; nothing is noticed there.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">entries-read</a>
 */
final class UnreadTrimming {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadTrimming.class);

  private final ConsumerGroup group;
  private @Nullable GroupInfo before;
  private long trimmed;

  UnreadTrimming(ConsumerGroup group) {
    this.group = group;
  }

  /** Forgets where the group stood: it may be another one now. */
  void reset() {
    before = null;
  }

  /**
   * Looks at a read.
   *
   * @param after the group's state right after it
   */
  void look(RedisConnection connection, List<StreamEntry> entries, GroupInfo after) {
    GroupInfo last = before;
    before = after;
    if (last == null
        || entries.isEmpty()
        || last.entriesRead().isEmpty()
        || after.entriesRead().isEmpty()) {
      return;
    }
    long missing =
        after.entriesRead().getAsLong() - last.entriesRead().getAsLong() - entries.size();
    // others may read through the group too: only what was deleted after our last look was lost
    if (missing > 0) {
      Optional<EntryId> deleted = group.lastDeleted(connection);
      if (deleted.isPresent() && deleted.get().isAfter(last.lastDelivered())) {
        trimmed += missing;
        LOG.warn(
            "{}: {} entries between {} and {} were trimmed before they were read ({} since the start):"
                + " their content is lost. Give the stream a longer retention (MAXLEN, MINID) than its readers lag.",
            group,
            missing,
            last.lastDelivered(),
            entries.get(0).id(),
            trimmed);
      }
    }
  }
}
