/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.RedisEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * Servers to ask for a master, in order. For sentinels and cluster nodes, the one that replied last
 * comes first, so that a connect does not wait for a dead one. The configured servers follow, then
 * nodes that the cluster has announced, so that all configured nodes may be replaced. Safe for use
 * by several threads.
 */
final class Seeds {
  private final List<HostAndPort> configured;
  private final boolean interchangeable;
  private Set<HostAndPort> learned = Set.of();
  private @Nullable HostAndPort lastGood;

  /**
   * Creates the list from the configured servers.
   *
   * @param interchangeable whether any of them may be asked first
   */
  Seeds(List<RedisEndpoint> endpoints, boolean interchangeable) {
    this.configured =
        endpoints.stream()
            .map(endpoint -> new HostAndPort(endpoint.host(), endpoint.port()))
            .toList();
    this.interchangeable = interchangeable;
  }

  synchronized List<HostAndPort> inOrder() {
    Set<HostAndPort> order = new LinkedHashSet<>();
    if (lastGood != null) {
      order.add(lastGood);
    }
    order.addAll(configured);
    order.addAll(learned);
    return new ArrayList<>(order);
  }

  /** Records that this seed led to a master. */
  synchronized void answered(HostAndPort seed) {
    if (interchangeable) {
      lastGood = seed;
    }
  }

  /** Records the current nodes of the cluster. */
  synchronized void learn(Collection<HostAndPort> nodes) {
    learned = new LinkedHashSet<>(nodes);
  }
}
