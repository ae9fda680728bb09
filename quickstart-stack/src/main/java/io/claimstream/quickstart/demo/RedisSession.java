/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A connection to Redis that is opened again by the call after an outage. Used by one thread. */
final class RedisSession implements AutoCloseable {
  private final RedisConnections redis;
  private final String key;
  private @Nullable RedisConnection connection;

  /**
   * A session that connects with its first call.
   *
   * @param key whose master it connects to
   */
  RedisSession(RedisConnections redis, String key) {
    this.redis = redis;
    this.key = key;
  }

  /**
   * Does something with the connection.
   *
   * @throws RedisOutageException when Redis does not answer; the next call connects anew
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
