/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.Delivery;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task class that Connect starts; delegates to the {@link RunningSink} created by {@link
 * #start}.
 */
public final class RedisStreamSinkTask extends SinkTask {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStreamSinkTask.class);

  private final Function<RedisSettings, RedisConnections> redis;
  private final TaskClock clock;
  private @Nullable RunningSink running;

  /** The constructor that Connect calls. */
  public RedisStreamSinkTask() {
    this(RedisConnections::of, TaskClock.system());
  }

  RedisStreamSinkTask(Function<RedisSettings, RedisConnections> redis, TaskClock clock) {
    this.redis = redis;
    this.clock = clock;
  }

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> properties) {
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties);
    TaskMetrics metrics =
        TaskMetrics.of(config.connector(), config.task(), () -> context.pluginMetrics());
    try {
      running = new RunningSink(config, redis.apply(config.redis()), context, metrics, clock);
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
    if (config.delivery() == Delivery.EXACTLY_ONCE && config.readsUncommitted()) {
      LOG.warn(
          "{} is not read_committed: the task appends records of aborted transactions to stream {}"
              + " unless the worker sets consumer.isolation.level=read_committed. Set"
              + " {}=read_committed",
          RedisStreamSinkConfig.ISOLATION_LEVEL,
          config.stream().text(),
          RedisStreamSinkConfig.ISOLATION_LEVEL);
    }
    LOG.info(
        "Appending to stream {} of Redis {}", config.stream().text(), config.redis().endpoints());
  }

  @Override
  public void open(Collection<TopicPartition> partitions) {
    running().open(partitions);
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    running().put(records);
  }

  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
    return running().committable(currentOffsets);
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    running().close(partitions);
  }

  @Override
  public void stop() {
    if (running != null) {
      running.close();
      running = null;
    }
  }

  private RunningSink running() {
    if (running == null) {
      throw new ConnectException("the task was not started");
    }
    return running;
  }
}
