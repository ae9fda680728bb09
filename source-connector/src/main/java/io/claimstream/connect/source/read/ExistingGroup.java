/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;

/**
 * Reports, once after a start, that a connector without offsets goes on with a group that exists
 * already: {@code redis.start.id} has no effect then, and what the group has read is not read
 * again.
 */
public final class ExistingGroup {
  private final ConsumerGroup group;
  private final StartPosition start;
  private final Logger log;
  private final boolean first;
  private boolean isDone;

  /**
   * A report that is still to be made.
   *
   * @param start what {@code redis.start.id} says
   * @param first whether it is that of the stream's first lane
   */
  public ExistingGroup(ConsumerGroup group, StartPosition start, boolean first, Logger log) {
    this.group = group;
    this.start = start;
    this.log = log;
    this.first = first;
  }

  /** Whether it is the one to report where every lane could. */
  boolean isFirst() {
    return first;
  }

  /** Nothing is to be reported: this connector has made the group, or has offsets. */
  void isOurs() {
    isDone = true;
  }

  /**
   * Reports the group, unless that was done before.
   *
   * @param reached the group's position; what is pending lies above it
   * @param isUnknown whether Connect has no offset of this stream; asked once at most
   */
  void report(RedisConnection connection, EntryId reached, BooleanSupplier isUnknown) {
    if (isDone) {
      return;
    }
    isDone = true;
    if (!isUnknown.getAsBoolean()) {
      return;
    }
    if (start.isEnd()) {
      reportInPlaceOfTheEnd(connection, reached);
    } else {
      reportAhead(connection, reached);
    }
  }

  private void reportAhead(RedisConnection connection, EntryId reached) {
    EntryId from = start.resolve(() -> reached);
    if (reached.isAfter(from) && has(connection, from.next(), reached)) {
      log.warn(
          "{} stands at {}, and Connect has no offset of this connector: entries up to there are not"
              + " read. Connect's offsets topic was lost, the connector was renamed, or another"
              + " program has read in the group. To start over stop the connector, DELETE"
              + " /connectors/<name>/offsets, which moves the group to redis.start.id, and resume it.",
          group,
          reached);
    }
  }

  /** Who asks for new entries only is surprised by older ones, and by nothing else. */
  private void reportInPlaceOfTheEnd(RedisConnection connection, EntryId reached) {
    boolean isBehind = !reached.equals(EntryId.MAX) && has(connection, reached.next(), EntryId.MAX);
    String text =
        "{} exists and is used as it is, since redis.start.id=$ applies only when a group is created."
            + " It stands at {}, and Connect has no offset of this connector: {}. To start elsewhere"
            + " stop the connector, PATCH /connectors/<name>/offsets with an id for its consumers"
            + " (0-0 for the whole stream, the id of the last entry for new ones only), which moves"
            + " the group, and resume it.";
    if (isBehind) {
      log.warn(text, group, reached, "the entries after it are read now, new or not");
    } else {
      log.info(text, group, reached, "no entry after it waits");
    }
  }

  private boolean has(RedisConnection connection, EntryId from, EntryId to) {
    return !group.range(connection, from, to, 1).isEmpty();
  }
}
