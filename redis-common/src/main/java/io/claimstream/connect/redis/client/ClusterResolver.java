/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Asks a cluster node for the master that serves a key's slot.
 *
 * <p>While a slot migrates, its keys leave the master one by one, and the master refuses commands
 * on keys that have left ({@code ASK}, {@code TRYAGAIN}). After the migration it refuses every
 * command ({@code MOVED}). Each of these is an outage for the caller, which then resolves the
 * master again. {@code ASK} is not followed: related keys, such as a stream and its owner, are on
 * different nodes until the last one has migrated.
 *
 * @see <a href="https://redis.io/docs/latest/commands/cluster-slots/">CLUSTER SLOTS</a>
 */
final class ClusterResolver implements MasterResolver {
  private final Connector connector;
  private final Seeds seeds;
  private volatile NavigableMap<Long, Range> ranges = Collections.emptyNavigableMap();

  ClusterResolver(Connector connector, Seeds seeds) {
    this.connector = connector;
    this.seeds = seeds;
  }

  @Override
  public HostAndPort master(String key, HostAndPort seed) {
    long slot = JedisClusterCRC16.getSlot(key);
    NavigableMap<Long, Range> found = new TreeMap<>();
    List<HostAndPort> nodes = new ArrayList<>();
    try (RedisConnection node = connector.connect(seed)) {
      for (Object range : Replies.list(node.call(Command.of("CLUSTER", "SLOTS")))) {
        List<@Nullable Object> parts = Replies.list(range);
        List<HostAndPort> servers =
            parts.subList(2, parts.size()).stream().map(server -> address(server, seed)).toList();
        found.put(number(parts.get(0)), new Range(number(parts.get(1)), servers.get(0)));
        nodes.addAll(servers);
      }
    }
    seeds.learn(nodes);
    ranges = found;
    HostAndPort master = owner(slot);
    if (master == null) {
      throw new RedisOutageException(
          "the cluster node at " + seed + " knows no master for slot " + slot + " of key " + key,
          null);
    }
    return master;
  }

  @Override
  public String known(String key) {
    HostAndPort master = owner(JedisClusterCRC16.getSlot(key));
    return master == null ? "" : master.toString();
  }

  @Override
  public Collection<HostAndPort> masters() {
    return ranges.values().stream().map(Range::master).distinct().toList();
  }

  private @Nullable HostAndPort owner(long slot) {
    Map.Entry<Long, Range> range = ranges.floorEntry(slot);
    return range == null || range.getValue().last() < slot ? null : range.getValue().master();
  }

  /** A range of slots up to the last one, and the master that serves them. */
  private record Range(long last, HostAndPort master) {}

  private static HostAndPort address(@Nullable Object server, HostAndPort seed) {
    List<@Nullable Object> parts = Replies.list(server);
    String host = Replies.text(parts.get(0));
    // a node that does not know its own address omits it: it is the node that was asked
    return new HostAndPort(
        host == null || host.isEmpty() ? seed.getHost() : host, (int) number(parts.get(1)));
  }

  private static long number(@Nullable Object reply) {
    return reply == null ? -1 : (Long) reply;
  }
}
