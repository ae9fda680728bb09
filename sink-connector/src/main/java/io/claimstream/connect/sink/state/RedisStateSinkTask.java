/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.RedisSinkTask;
import io.claimstream.connect.sink.RunningSink;
import java.util.Map;
import java.util.function.Function;

/** A task that writes the state of each key. */
public final class RedisStateSinkTask extends RedisSinkTask<StateSinkConfig> {

  /** The constructor that Connect calls. */
  public RedisStateSinkTask() {
    this(RedisConnections::of, TaskClock.system());
  }

  RedisStateSinkTask(Function<RedisSettings, RedisConnections> redis, TaskClock clock) {
    super(redis, clock);
  }

  @Override
  protected StateSinkConfig parse(Map<String, String> properties) {
    return new StateSinkConfig(properties);
  }

  @Override
  protected RunningSink.Kind kind(StateSinkConfig config) {
    return new StateSink(config);
  }

  @Override
  protected boolean isExactlyOnce(StateSinkConfig config) {
    return true;
  }
}
