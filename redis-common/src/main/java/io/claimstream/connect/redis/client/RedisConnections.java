/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.config.RedisSettings;
import java.util.function.Consumer;

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
   * Opens a connection to each master in turn, for commands on all keys such as SCAN, and closes it
   * after the action. Only a Cluster has several masters.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if a master does not reply
   * @throws io.claimstream.connect.redis.error.RedisConfigurationException if a master rejects the
   *     credentials
   */
  default void forEachMaster(Consumer<RedisConnection> action) {
    try (RedisConnection connection = open("")) {
      action.accept(connection);
    }
  }

  /**
   * Returns the name of the key's master as far as it is known without a request: keys with the
   * same name can share a connection. {@link #open} updates it.
   */
  default String master(String key) {
    return "";
  }
}
