/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.replay;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.BadRequest;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.CommitKey;
import io.claimstream.connect.source.consumers.ConsumersKey;
import io.claimstream.connect.source.consumers.KnownConsumers;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.ConsumerInfo;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneOwnership;
import io.claimstream.connect.source.read.StreamEpochs;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  private final String connector;
  private final int lanesPerStream;
  private final StartPosition start;
  private final boolean createsStreams;

  /**
   * Creates the executor of a connector's replay requests.
   *
   * @param lanesPerStream number of consumers of the connector on each stream
   * @param start start position for a reset
   * @param createsStreams whether a missing stream is created; otherwise it has no group to move
   */
  public GroupMove(
      RedisConnections connections,
      String connector,
      int lanesPerStream,
      StartPosition start,
      boolean createsStreams) {
    this.connections = connections;
    this.connector = connector;
    this.lanesPerStream = lanesPerStream;
    this.start = start;
    this.createsStreams = createsStreams;
  }

  /**
   * Moves the group on every stream of the request. Checks all streams before moving any group.
   *
   * @throws ConnectException if an id is past the end of its stream, another connector reads in the
   *     group, or Redis fails
   */
  public void apply(ReplayRequest request) {
    request.positions().keySet().forEach(this::checkIsAlone);
    request.positions().forEach((group, position) -> position.ifPresent(id -> check(group, id)));
    request.positions().forEach(this::move);
  }

  private void check(ConsumerGroup group, EntryId id) {
    try (RedisConnection connection = connections.open(group.stream())) {
      Optional<EntryId> last = group.lastGenerated(connection);
      if (last.isPresent() && id.isAfter(last.get())) {
        throw BadRequest.because(
            "stream '"
                + group.stream()
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
  private void checkIsAlone(ConsumerGroup group) {
    try (RedisConnection connection = connections.open(group.stream())) {
      if (group.info(connection).isEmpty()) {
        return;
      }
      List<ConsumerInfo> consumers = group.consumers(connection);
      KnownConsumers known = known(group);
      for (ConsumerInfo other : known.perhapsOfOtherConnectors(connection, consumers)) {
        throw BadRequest.because(
            "stream '"
                + group.stream()
                + "': consumer '"
                + other.name()
                + "' of another connector is also in group '"
                + group.name()
                + "' and would receive some of the replayed entries; no group was moved. Give one"
                + " of the two connectors another redis.group, or stop the other connector and "
                + (other.countsAttempts()
                    ? "retry after a minute"
                    : "delete its owner key '"
                        + LaneOwnership.key(group, other.name())
                        + "', because this server does not report whether the consumer still"
                        + " reads"));
      }
    }
  }

  private KnownConsumers known(ConsumerGroup group) {
    return new KnownConsumers(new ConsumersKey(group, connector, lanesPerStream), name -> false);
  }

  private Stream<String> lanes() {
    return IntStream.range(0, lanesPerStream).mapToObj(index -> Lane.consumer(connector, index));
  }

  private void move(ConsumerGroup group, Optional<EntryId> position) {
    StartPosition to = position.map(StartPosition::after).orElse(start);
    try (RedisConnection connection = connections.open(group.stream())) {
      boolean isMissing = !createsStreams && group.lastGenerated(connection).isEmpty();
      if (!isMissing && group.createIfMissing(connection, to, createsStreams).isEmpty()) {
        KnownConsumers known = known(group);
        List<String> own =
            group.consumers(connection).stream()
                .map(ConsumerInfo::name)
                .filter(known::isNamedLikeOwn)
                .filter(consumer -> known.isOwn(connection, consumer))
                .toList();
        // move the group first: a crash in between then repeats entries; in the reverse order it
        // would lose them
        group.moveTo(connection, to);
        for (String consumer : own) {
          group.forgetPending(connection, consumer);
          CommitKey.of(group, consumer).forget(connection);
        }
      }
      lanes().forEach(consumer -> CommitKey.of(group, consumer).forget(connection));
      ConsumersKey.forget(connection, group, connector);
      StreamEpochs.forget(connection, group, connector);
      LOG.info(
          "{} was moved as requested; reading continues after {}{}",
          group,
          to,
          isMissing ? " if the stream is added again: it does not exist now" : "");
    }
  }
}
