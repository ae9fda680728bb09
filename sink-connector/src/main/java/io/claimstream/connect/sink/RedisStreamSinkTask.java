/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.Delivery;
import java.util.Map;
import java.util.function.Function;

/** A task that appends records to streams. */
public final class RedisStreamSinkTask extends RedisSinkTask<RedisStreamSinkConfig> {

  /** The constructor that Connect calls. */
  public RedisStreamSinkTask() {
    this(RedisConnections::of, TaskClock.system());
  }

  RedisStreamSinkTask(Function<RedisSettings, RedisConnections> redis, TaskClock clock) {
    super(redis, clock);
  }

  @Override
  protected RedisStreamSinkConfig parse(Map<String, String> properties) {
    return new RedisStreamSinkConfig(properties);
  }

  @Override
  protected RunningSink.Kind kind(RedisStreamSinkConfig config) {
    return new AppendingSink(config);
  }

  @Override
  protected boolean isExactlyOnce(RedisStreamSinkConfig config) {
    return config.delivery() == Delivery.EXACTLY_ONCE;
  }
}
