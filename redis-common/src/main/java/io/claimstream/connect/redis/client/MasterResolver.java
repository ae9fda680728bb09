/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.util.Collection;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/** Finds the master that owns a key by asking one seed of the topology. */
@FunctionalInterface
interface MasterResolver {

  /**
   * Returns the master's address according to the seed.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if the seed does not know a
   *     master
   */
  HostAndPort master(String key, HostAndPort seed);

  /** Returns the key's master as last seen by {@link #master}; the same for all keys if unknown. */
  default String known(String key) {
    return "";
  }

  /** Returns all masters as last seen by {@link #master}; empty if there is only one. */
  default Collection<HostAndPort> masters() {
    return List.of();
  }

  /** Connects to an address of the topology with the credentials for it. */
  @FunctionalInterface
  interface Connector {
    RedisConnection connect(HostAndPort address);
  }
}
