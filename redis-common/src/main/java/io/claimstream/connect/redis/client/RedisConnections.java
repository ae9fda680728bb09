/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.RedisSettings;

/** Opens connections to Redis. Safe for use by several threads. */
@FunctionalInterface
public interface RedisConnections {

  /** Connections as the settings ask for; nothing is opened yet. */
  static RedisConnections of(RedisSettings settings) {
    return new JedisConnections(settings);
  }

  /**
   * Opens a connection to the master that owns the key right now; each call asks the topology anew.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if no master answers
   * @throws io.claimstream.connect.redis.error.RedisConfigurationException if it refuses the
   *     credentials
   */
  RedisConnection open(String key);

  /**
   * Names the master that owns the key, as far as is known without asking: keys with the same name
   * can share a connection. What {@link #open} finds out is known afterwards.
   */
  default String master(String key) {
    return "";
  }
}
