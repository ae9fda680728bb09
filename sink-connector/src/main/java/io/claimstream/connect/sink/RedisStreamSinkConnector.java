/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.redis.validation.RequiredAccess;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;

/** A sink connector that appends the records of Kafka topics to Redis streams. */
public final class RedisStreamSinkConnector extends RedisSinkConnector<RedisStreamSinkConfig> {

  /** The constructor that Connect calls. */
  public RedisStreamSinkConnector() {
    this(RedisConnections::of, InstantSource.system());
  }

  RedisStreamSinkConnector(Function<RedisSettings, RedisConnections> redis, InstantSource clock) {
    super(redis, clock);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return RedisStreamSinkTask.class;
  }

  @Override
  public ConfigDef config() {
    return RedisStreamSinkConfig.CONFIG_DEF;
  }

  @Override
  protected RedisStreamSinkConfig parse(Map<String, String> properties) {
    return new RedisStreamSinkConfig(properties);
  }

  @Override
  protected List<RequiredAccess> check(RedisStreamSinkConfig config, ConnectionCheck check) {
    if (config.errors().tolerated()
        && config.failedStream().name().equals(config.stream().text())) {
      check.pin(
          RedisStreamSinkConfig.FAILED_STREAM,
          "is also redis.stream: readers of that stream would read failures as records");
    }
    return SinkAccess.of(config);
  }
}
