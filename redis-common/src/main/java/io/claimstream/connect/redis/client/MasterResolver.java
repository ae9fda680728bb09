/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import redis.clients.jedis.HostAndPort;

/** Finds the master that owns a key, by asking one seed of the topology. */
@FunctionalInterface
interface MasterResolver {

  /**
   * The master's address as the seed sees it now.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if the seed does not know one
   */
  HostAndPort master(String key, HostAndPort seed);

  /** Names the key's master as {@link #master} saw it last; the same for all keys if unknown. */
  default String known(String key) {
    return "";
  }

  /** Connects to an address of the topology, with the credentials that hold there. */
  @FunctionalInterface
  interface Connector {
    RedisConnection connect(HostAndPort address);
  }
}
