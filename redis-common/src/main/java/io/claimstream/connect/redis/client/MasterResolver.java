/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

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

  /** Connects to an address of the topology with the credentials for it. */
  @FunctionalInterface
  interface Connector {
    RedisConnection connect(HostAndPort address);
  }
}
