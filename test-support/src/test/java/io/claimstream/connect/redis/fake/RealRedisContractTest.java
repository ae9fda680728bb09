/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.server.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class RealRedisContractTest extends RedisContract {
  private static RedisServer server;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  RedisConnection open() {
    return server.connect();
  }

  @Override
  void full(boolean now) {
    try (RedisConnection admin = server.connect()) {
      admin.call(Command.of("CONFIG", "SET", "maxmemory", now ? 1 : 0));
    }
  }
}
