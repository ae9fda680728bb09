/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.metrics.Counter;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices entries that were trimmed from the stream before anybody read them: a group that has
 * nothing left to read lags by just those. What was lost while no task ran is told at the next
 * start, and so it is at each later one. Task thread only.
 *
 * <p>Redis before 7.0 knows no lag; nothing is noticed there.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">lag</a>
 */
final class UnreadTrimming {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadTrimming.class);

  private final ConsumerGroup group;
  private final Counter trimmed;
  private long known;

  UnreadTrimming(ConsumerGroup group, Counter trimmed) {
    this.group = group;
    this.trimmed = trimmed;
  }

  /**
   * Looks at a group that has nothing left to read.
   *
   * @param lag as Redis tells it in the same transaction as the read that found nothing
   */
  void look(OptionalLong lag) {
    if (lag.isEmpty()) {
      return;
    }
    long missing = lag.getAsLong() - known;
    known = lag.getAsLong();
    if (missing > 0) {
      trimmed.add(missing);
      LOG.warn(
          "{}: {} entries were trimmed before they were read ({} since the group was made): their"
              + " content is lost."
              + " Give the stream a longer retention (MAXLEN, MINID) than its readers lag.",
          group,
          missing,
          known);
    }
  }
}
