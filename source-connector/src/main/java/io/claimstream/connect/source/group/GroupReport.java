/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log of how a connector got its group: it created the group, recreated it after a loss, or found
 * it.
 *
 * <p>A connector without offsets that finds a group is warned once per start: {@code
 * redis.start.id} has no effect then, and entries that the group has read are not read again.
 */
public final class GroupReport {
  private static final Logger LOG = LoggerFactory.getLogger(GroupReport.class);

  private final ConsumerGroup group;
  private final StartPosition start;
  private final Logger log;
  private final boolean first;
  private boolean isDone;

  /**
   * Creates a report with the warning not logged yet.
   *
   * @param start start position in {@code redis.start.id}
   * @param first whether this is the stream's first lane
   */
  public GroupReport(ConsumerGroup group, StartPosition start, boolean first) {
    this(group, start, first, LOG);
  }

  GroupReport(ConsumerGroup group, StartPosition start, boolean first, Logger log) {
    this.group = group;
    this.start = start;
    this.log = log;
    this.first = first;
  }

  /**
   * Logs that the connector has created a group that never existed.
   *
   * @param createsStream whether the connector has created the stream if it is empty
   */
  public void created(RedisConnection connection, boolean createsStream) {
    LOG.info("{} created; reading starts at {} (redis.start.id)", group, start);
    if (createsStream && group.lastGenerated(connection).filter(EntryId.ZERO::equals).isPresent()) {
      LOG.warn(
          "Stream '{}' did not exist and was created empty, for {}. If producers write to another"
              + " stream, correct redis.streams.",
          group.stream(),
          group);
    }
  }

  /** Logs that the connector has recreated a lost group. */
  public void recreated(EntryId position) {
    LOG.warn("{} was lost; recreated at {}, which this connector had reached", group, position);
  }

  /** Cancels the warning: this connector has created the group, or has offsets. */
  public void isOurs() {
    isDone = true;
  }

  /**
   * Logs the warning if it is due and applies.
   *
   * @param reached the group's position; all pending entries are above it
   * @param isUnknown whether Connect has no offset for this stream; called at most once
   */
  public void exists(RedisConnection connection, EntryId reached, BooleanSupplier isUnknown) {
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

  /**
   * Logs the warning if it applies and entries were acknowledged since another lane noted the
   * group's position. Every lane could; the first one does.
   *
   * @param known the noted position
   * @param reached the group's position; all pending entries are above it
   * @param isUnknown whether Connect has no offset for this stream; called at most once
   */
  public void existsSince(
      RedisConnection connection, EntryId known, EntryId reached, BooleanSupplier isUnknown) {
    if (first && !isDone && reached.isAfter(known) && has(connection, known.next(), reached)) {
      exists(connection, reached, isUnknown);
    } else {
      isOurs();
    }
  }

  private void reportAhead(RedisConnection connection, EntryId reached) {
    EntryId from = start.resolve(() -> reached);
    if (reached.isAfter(from) && has(connection, from.next(), reached)) {
      log.warn(
          "{} exists at position {}, and Connect has no offset for this connector: entries up to"
              + " that id are not read. Connect's offsets topic was lost, the connector was"
              + " renamed, or another program has read in the group. To start over, stop the"
              + " connector, DELETE /connectors/<name>/offsets, which moves the group to"
              + " redis.start.id, and resume the connector.",
          group,
          reached);
    }
  }

  /** With {@code redis.start.id=$} only entries before the end are unexpected. */
  private void reportInPlaceOfTheEnd(RedisConnection connection, EntryId reached) {
    boolean isBehind = !reached.equals(EntryId.MAX) && has(connection, reached.next(), EntryId.MAX);
    String text =
        "{} exists and is used unchanged, because redis.start.id=$ applies only when a group is"
            + " created. It is at position {}, and Connect has no offset for this connector: {}. To"
            + " start elsewhere, stop the connector, PATCH /connectors/<name>/offsets with an id"
            + " for its consumers (0-0 for the whole stream, the id of the last entry for new"
            + " entries only), which moves the group, and resume the connector.";
    if (isBehind) {
      log.warn(
          text, group, reached, "all entries after that position are read, including old ones");
    } else {
      log.info(text, group, reached, "there are no entries after that position");
    }
  }

  private boolean has(RedisConnection connection, EntryId from, EntryId to) {
    return !group.range(connection, from, to, 1).isEmpty();
  }
}
