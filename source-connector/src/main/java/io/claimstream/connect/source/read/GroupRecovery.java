/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the group exists and stands where Connect's offset says.
 *
 * <p>A group that is lost (FLUSHALL, a failover to a stale replica, DEL, XGROUP DESTROY) is made
 * again where Kafka's knowledge ends, never silently at {@code $}.
 */
public final class GroupRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(GroupRecovery.class);

  private final ConsumerGroup group;
  private final StartPosition start;
  private final boolean onlyLane;
  private final Supplier<Map<String, Optional<EntryId>>> offsets;

  /**
   * The recovery of a lane's group.
   *
   * @param start where a group begins that never was
   * @param onlyLane whether no other lane reads this stream
   * @param offsets the committed offset of each of the stream's consumers, asked for when there are
   *     several
   */
  public GroupRecovery(
      ConsumerGroup group,
      StartPosition start,
      boolean onlyLane,
      Supplier<Map<String, Optional<EntryId>>> offsets) {
    this.group = group;
    this.start = start;
    this.onlyLane = onlyLane;
    this.offsets = offsets;
  }

  /** Makes or moves the group if it has to be. */
  public void restore(RedisConnection connection, AckTracker tracker) {
    Optional<GroupInfo> info = group.info(connection);
    @Nullable EntryId position =
        onlyLane || info.isPresent() ? tracker.safePosition() : lowest(connection);
    if (info.isEmpty()) {
      if (!onlyLane) {
        announce(connection, position);
      }
      create(connection, position);
    } else if (onlyLane && position != null && position.isAfter(info.get().lastDelivered())) {
      group.moveTo(connection, StartPosition.after(position));
      LOG.warn(
          "{} stood at {}, before Connect's offset {}: moved forward to it",
          group,
          info.get().lastDelivered(),
          position);
    }
  }

  private void announce(RedisConnection connection, @Nullable EntryId position) {
    Map<String, Optional<EntryId>> lanes = offsets.get();
    Optional<EntryId> last = group.lastGenerated(connection);
    boolean firstTime = lanes.values().stream().allMatch(Optional::isEmpty);
    if (last.isPresent() && !firstTime) {
      EntryId floor = position == null ? EntryId.ZERO : position;
      Rewind.announce(connection, group, lanes.keySet(), floor, last.get());
    }
  }

  /** The lowest position of all lanes; null if one has none. */
  private @Nullable EntryId lowest(RedisConnection connection) {
    EntryId lowest = null;
    for (Map.Entry<String, Optional<EntryId>> lane : offsets.get().entrySet()) {
      if (lane.getValue().isEmpty()) {
        return null;
      }
      EntryId position =
          Rewind.position(connection, group, lane.getKey(), lane.getValue().orElseThrow());
      if (lowest == null || lowest.isAfter(position)) {
        lowest = position;
      }
    }
    return lowest;
  }

  private void create(RedisConnection connection, @Nullable EntryId position) {
    if (position == null) {
      if (group.create(connection, start)) {
        LOG.info("{} made, reading from {} (redis.start.id)", group, start);
      }
    } else if (group.create(connection, StartPosition.after(position))) {
      LOG.warn("{} was lost: made again after {}, where Connect's offset stands", group, position);
    }
  }
}
