/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.server.RedisServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A real server for all tests of a class, empty before each of them. */
public abstract class RedisTestBase {
  /** The server of the class that runs. */
  protected static RedisServer redis;

  @BeforeAll
  protected static void startRedis() {
    redis = RedisServer.start();
  }

  @AfterAll
  protected static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  protected void emptyRedis() {
    call("FLUSHALL");
  }

  /** Calls a command over a connection of its own. */
  protected static @Nullable Object call(String name, Object... arguments) {
    try (RedisConnection connection = redis.connect()) {
      return connection.call(Command.of(name, arguments));
    }
  }
}
