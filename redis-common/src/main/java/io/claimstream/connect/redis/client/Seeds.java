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
 * Whom to ask for a master, in the order to try: of sentinels and cluster nodes first the one that
 * answered last, so that a dead one is not waited for at each connect; then those that are
 * configured; then nodes that the cluster has named, so that it may lose all the configured ones.
 * Safe for use by several threads.
 */
final class Seeds {
  private final List<HostAndPort> configured;
  private final boolean interchangeable;
  private Set<HostAndPort> learned = Set.of();
  private @Nullable HostAndPort lastGood;

  /**
   * Seeds as configured.
   *
   * @param interchangeable whether it does not matter which of them is asked
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

  /** Notes that this one led to a master. */
  synchronized void answered(HostAndPort seed) {
    if (interchangeable) {
      lastGood = seed;
    }
  }

  /** Notes all nodes that the cluster has now. */
  synchronized void learn(Collection<HostAndPort> nodes) {
    learned = new LinkedHashSet<>(nodes);
  }
}
