/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A connection to Redis that the first call after an outage reopens. Used by one thread. */
final class RedisSession implements AutoCloseable {
  private final RedisConnections redis;
  private final String key;
  private @Nullable RedisConnection connection;

  /**
   * Creates a session that connects on the first call.
   *
   * @param key the key to whose master it connects
   */
  RedisSession(RedisConnections redis, String key) {
    this.redis = redis;
    this.key = key;
  }

  /**
   * Calls a function with the connection.
   *
   * @throws RedisOutageException if Redis does not reply; the next call reconnects
   */
  <T> T call(Function<RedisConnection, T> work) {
    try {
      RedisConnection open = connection;
      if (open == null) {
        open = redis.open(key);
        connection = open;
      }
      return work.apply(open);
    } catch (RedisOutageException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    RedisConnection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
