/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.stream.EntryId;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices entries that would be passed over because their ids lie where Kafka has everything
 * already: in a stream that was deleted and filled again by a server whose clock is behind, or in a
 * group that somebody else moved back. Task thread only.
 */
final class LowIds {
  private static final Logger LOG = LoggerFactory.getLogger(LowIds.class);

  private final ConsumerGroup group;
  private @Nullable EntryId position;
  private @Nullable EntryId end;
  private boolean told;

  LowIds(ConsumerGroup group) {
    this.group = group;
  }

  /**
   * Looks at a group that was just restored.
   *
   * @param safe up to where Kafka has everything; null if it has nothing
   */
  void restored(RedisConnection connection, @Nullable EntryId safe) {
    position = safe;
    told = false;
    end = safe == null ? null : endBefore(connection, safe).orElse(null);
    if (end != null && end.isAfter(EntryId.ZERO)) {
      LOG.warn(
          "{}: the stream ends at {}, before Connect's offset {}: its entries count as being in"
              + " Kafka. If it was deleted and filled again, reset the connector's offsets.",
          group,
          end,
          safe);
    }
  }

  /** Looks at an entry that is only acknowledged, as Connect's offset covers it. */
  void covered(EntryId id) {
    if (!told && position != null && !id.isAfter(position)) {
      told = true;
      LOG.warn(
          "{} was moved back before Connect's offset {}: entries up to there, from {} on, are in"
              + " Kafka and are only acknowledged. To produce them again use the offsets API.",
          group,
          position,
          id);
    }
  }

  /**
   * Looks at a group that has nothing left to read.
   *
   * @throws ConnectException if the stream gets entries that the group will never be given
   */
  void idle(RedisConnection connection, GroupInfo info) {
    if (info.lag().isPresent()) {
      return; // unknown is the lag of a group that stands beyond the end of its stream
    }
    EntryId now = endBefore(connection, info.lastDelivered()).orElse(null);
    if (now != null && end != null && now.isAfter(end)) {
      throw new ConnectException(
          "stream '"
              + group.stream()
              + "' gets entries with ids up to "
              + now
              + ", below Connect's offset "
              + info.lastDelivered()
              + ": it was deleted or set back, and the server's clock is behind. The group would"
              + " never be given them. Stop the connector and move its offset to "
              + end
              + " by the offsets API to read on there.");
    }
    end = now;
  }

  private Optional<EntryId> endBefore(RedisConnection connection, EntryId id) {
    return group.lastGenerated(connection).filter(id::isAfter);
  }
}
