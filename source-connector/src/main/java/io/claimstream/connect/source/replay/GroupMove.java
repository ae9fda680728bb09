/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.replay;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.BadRequest;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.read.ConsumerGroup;
import io.claimstream.connect.source.read.ConsumerInfo;
import io.claimstream.connect.source.read.KnownConsumers;
import io.claimstream.connect.source.read.SharedLanes;
import io.claimstream.connect.source.read.StartPosition;
import io.claimstream.connect.source.read.StreamEpochs;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes a {@link ReplayRequest}: moves the group and drops the pending entries of the
 * connector's own consumers. Idempotent.
 *
 * @see <a href="https://redis.io/docs/latest/commands/xgroup-setid/">XGROUP SETID</a>
 */
public final class GroupMove {
  private static final Logger LOG = LoggerFactory.getLogger(GroupMove.class);

  private final RedisConnections connections;
  private final String group;
  private final String connector;
  private final int lanesPerStream;
  private final StartPosition start;

  /**
   * Creates the executor of replay requests for a connector's group.
   *
   * @param lanesPerStream number of consumers of the connector on each stream
   * @param start start position for a reset
   */
  public GroupMove(
      RedisConnections connections,
      String group,
      String connector,
      int lanesPerStream,
      StartPosition start) {
    this.connections = connections;
    this.group = group;
    this.connector = connector;
    this.lanesPerStream = lanesPerStream;
    this.start = start;
  }

  /**
   * Moves the group on every stream of the request. Checks all streams before moving any group.
   *
   * @throws ConnectException if an id is past the end of its stream, another connector reads in the
   *     group, or Redis fails
   */
  public void apply(ReplayRequest request) {
    request.positions().keySet().forEach(this::checkIsAlone);
    request.positions().forEach((stream, position) -> position.ifPresent(id -> check(stream, id)));
    request.positions().forEach(this::move);
  }

  private void check(String stream, EntryId id) {
    try (RedisConnection connection = connections.open(stream)) {
      Optional<EntryId> last = new ConsumerGroup(stream, group).lastGenerated(connection);
      if (last.isPresent() && id.isAfter(last.get())) {
        throw BadRequest.because(
            "stream '"
                + stream
                + "': id "
                + id
                + " is past the stream's last entry "
                + last.get()
                + "; entries up to it would be skipped. To continue after the last entry, use the"
                + " id of that entry");
      }
    }
  }

  /**
   * Checks that no other connector reads in the group: it would receive some of the replayed
   * entries.
   */
  private void checkIsAlone(String stream) {
    ConsumerGroup asked = new ConsumerGroup(stream, group);
    try (RedisConnection connection = connections.open(stream)) {
      if (asked.info(connection).isEmpty()) {
        return;
      }
      List<ConsumerInfo> consumers = asked.consumers(connection);
      KnownConsumers known = known(asked);
      for (ConsumerInfo other : known.perhapsOfOtherConnectors(connection, consumers)) {
        throw BadRequest.because(
            "stream '"
                + stream
                + "': consumer '"
                + other.name()
                + "' of another connector is also in group '"
                + group
                + "' and would receive some of the replayed entries; no group was moved. Give one"
                + " of the two connectors another redis.group, or stop the other connector and "
                + (other.countsAttempts()
                    ? "retry after a minute"
                    : "delete its owner key '"
                        + known.ownerKey(other.name())
                        + "', because this server does not report whether the consumer still"
                        + " reads"));
      }
    }
  }

  private KnownConsumers known(ConsumerGroup asked) {
    SharedLanes shared = new SharedLanes(asked, connector, lanesPerStream);
    return new KnownConsumers(asked, connector, shared, name -> false);
  }

  private void move(String stream, Optional<EntryId> position) {
    ConsumerGroup moved = new ConsumerGroup(stream, group);
    StartPosition to = position.map(StartPosition::after).orElse(start);
    try (RedisConnection connection = connections.open(stream)) {
      if (!moved.create(connection, to)) {
        KnownConsumers known = known(moved);
        List<String> own =
            moved.consumers(connection).stream()
                .map(ConsumerInfo::name)
                .filter(known::isNamedLikeOwn)
                .filter(consumer -> known.isOwn(connection, consumer))
                .toList();
        // move the group first: a crash in between then repeats entries; in the reverse order it
        // would lose them
        moved.moveTo(connection, to);
        own.forEach(consumer -> moved.forgetPending(connection, consumer));
      }
      SharedLanes.forget(connection, moved, connector);
      StreamEpochs.forget(connection, moved, connector);
      LOG.info("{} was moved as requested; reading continues after {}", moved, to);
    }
  }
}
