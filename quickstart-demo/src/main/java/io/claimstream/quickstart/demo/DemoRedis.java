/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The demo's own connections to Redis, with short timeouts. */
final class DemoRedis {
  private static final String TIMEOUT_MILLIS = "2000";

  private DemoRedis() {}

  static RedisConnections connections(String uri) {
    ConfigDef settings = new ConfigDef();
    RedisConnectionConfig.define(settings);
    return RedisConnections.of(
        RedisConnectionConfig.settings(
            new AbstractConfig(
                settings,
                Map.of(
                    RedisConnectionConfig.URI, uri,
                    RedisConnectionConfig.CONNECT_TIMEOUT, TIMEOUT_MILLIS,
                    RedisConnectionConfig.COMMAND_TIMEOUT, TIMEOUT_MILLIS),
                false),
            "quickstart"));
  }
}
