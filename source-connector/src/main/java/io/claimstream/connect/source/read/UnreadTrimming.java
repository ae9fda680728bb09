/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detection of entries that were trimmed from the stream before they were read: the lag of a group
 * that has nothing left to read consists of just these. Entries lost while no task ran are reported
 * at the next start, and again at every later one. Task thread only.
 *
 * <p>Redis before 7.0 does not report the lag, so nothing is detected there.
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
   * Checks a group that has nothing left to read.
   *
   * @param lag the group's lag from the same transaction as the read that returned nothing
   */
  void check(OptionalLong lag) {
    if (lag.isEmpty()) {
      return;
    }
    long missing = lag.getAsLong() - known;
    known = lag.getAsLong();
    if (missing > 0) {
      trimmed.add(missing);
      LOG.warn(
          "{}: {} entries were trimmed before they were read ({} since the group was created):"
              + " their content is lost. Trim the stream less (MAXLEN, MINID), so that its"
              + " retention covers the consumers' lag.",
          group,
          missing,
          known);
    }
  }
}
