/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.redis.validation.RequiredAccess;
import io.claimstream.connect.sink.RedisSinkConnector;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;

/**
 * A sink connector that keeps the latest state of each key in Redis: the last record of a key in
 * its topic-partition, exactly once, whatever fails.
 */
public final class RedisStateSinkConnector extends RedisSinkConnector<StateSinkConfig> {

  /** The constructor that Connect calls. */
  public RedisStateSinkConnector() {
    this(RedisConnections::of, InstantSource.system());
  }

  RedisStateSinkConnector(Function<RedisSettings, RedisConnections> redis, InstantSource clock) {
    super(redis, clock);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return RedisStateSinkTask.class;
  }

  @Override
  public ConfigDef config() {
    return StateSinkConfig.CONFIG_DEF;
  }

  @Override
  protected StateSinkConfig parse(Map<String, String> properties) {
    return new StateSinkConfig(properties);
  }

  @Override
  protected List<RequiredAccess> check(StateSinkConfig config, ConnectionCheck check) {
    return StateAccess.of(config);
  }
}
