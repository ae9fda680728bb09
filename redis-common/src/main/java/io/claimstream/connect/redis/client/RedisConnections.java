/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.RedisSettings;

/** Opens connections to Redis. Safe for use by several threads. */
@FunctionalInterface
public interface RedisConnections {

  /** Returns connections with these settings; opens none yet. */
  static RedisConnections of(RedisSettings settings) {
    return new JedisConnections(settings);
  }

  /**
   * Opens a connection to the master that currently owns the key; each call resolves the master
   * again.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if no master replies
   * @throws io.claimstream.connect.redis.error.RedisConfigurationException if the master rejects
   *     the credentials
   */
  RedisConnection open(String key);

  /**
   * Returns the name of the key's master as far as it is known without a request: keys with the
   * same name can share a connection. {@link #open} updates it.
   */
  default String master(String key) {
    return "";
  }
}
