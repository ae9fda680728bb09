/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Asks a cluster node which master serves a key's slot.
 *
 * @see <a href="https://redis.io/docs/latest/commands/cluster-slots/">CLUSTER SLOTS</a>
 */
final class ClusterResolver implements MasterResolver {
  private final Connector connector;

  ClusterResolver(Connector connector) {
    this.connector = connector;
  }

  @Override
  public HostAndPort master(String key, HostAndPort seed) {
    long slot = JedisClusterCRC16.getSlot(key);
    try (RedisConnection node = connector.connect(seed)) {
      for (Object range : Replies.list(node.call(Command.of("CLUSTER", "SLOTS")))) {
        List<@Nullable Object> parts = Replies.list(range);
        if (number(parts.get(0)) <= slot && slot <= number(parts.get(1))) {
          List<@Nullable Object> master = Replies.list(parts.get(2));
          String host = Replies.text(master.get(0));
          // a node that was never told its own address leaves it out: it is the one just asked
          return new HostAndPort(
              host == null || host.isEmpty() ? seed.getHost() : host, (int) number(master.get(1)));
        }
      }
      throw new RedisOutageException(
          "the cluster node at " + seed + " knows no master for slot " + slot + " of " + key, null);
    }
  }

  private static long number(@Nullable Object reply) {
    return reply == null ? -1 : (Long) reply;
  }
}
