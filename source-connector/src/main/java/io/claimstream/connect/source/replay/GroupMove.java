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
 * Carries a {@link ReplayRequest} out: forgets what the connector's own consumers have pending and
 * moves the group. Doing it again changes nothing.
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
   * Moves of a connector's group.
   *
   * @param lanesPerStream how many consumers the connector has on a stream
   * @param start where a reset puts it
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
   * Moves the group on every stream of the request. All streams are looked at before any is moved.
   *
   * @throws ConnectException if an id lies beyond the end of its stream, another connector reads in
   *     the group, or Redis does not do it
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
                + "': the id "
                + id
                + " lies after its last entry "
                + last.get()
                + "; entries up to it would be passed over. To read on after the last entry give its"
                + " id");
      }
    }
  }

  /**
   * What is read again would be shared between all that read, and only one of them asked for it.
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
                + "' of another connector is in the group '"
                + group
                + "', too, and would get a part of what is to be read again; nothing was moved."
                + " Give one of the two another redis.group, or stop the other one and "
                + (other.countsAttempts()
                    ? "ask again after a minute"
                    : "delete the key '"
                        + known.ownerKey(other.name())
                        + "': this server does not say whether it still reads"));
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
        // the position first: a crash in between repeats entries, the other way round loses them
        moved.moveTo(connection, to);
        own.forEach(consumer -> moved.forgetPending(connection, consumer));
      }
      SharedLanes.forget(connection, moved, connector);
      StreamEpochs.forget(connection, moved, connector);
      LOG.info("{} moved: reading goes on after {}", moved, to);
    }
  }
}
