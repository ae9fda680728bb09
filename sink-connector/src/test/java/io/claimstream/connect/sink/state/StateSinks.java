/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.RedisSinkConnector;
import io.claimstream.connect.sink.RunningSink;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** State sinks with another Redis and clock, for tests in other packages. */
public final class StateSinks {

  private StateSinks() {}

  public static SinkTask task(RedisConnections redis, TaskClock clock) {
    return new RedisStateSinkTask(settings -> redis, clock);
  }

  public static RunningSink running(
      Map<String, String> properties, SinkTaskContext context, TaskClock clock) {
    StateSinkConfig config = new StateSinkConfig(properties);
    return new RunningSink(
        config,
        new StateSink(config),
        RedisConnections.of(config.redis()),
        context,
        UnpublishedMetrics.task(),
        clock);
  }

  public static RedisSinkConnector<?> connector(RedisConnections redis, InstantSource clock) {
    return new RedisStateSinkConnector(settings -> redis, clock);
  }
}
