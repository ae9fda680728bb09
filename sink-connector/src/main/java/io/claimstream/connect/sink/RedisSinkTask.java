/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.write.Destination;
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
 * What the task classes that Connect starts have in common: each delegates to the {@link
 * RunningSink} created by {@link #start}.
 *
 * @param <C> the settings of the connector
 */
public abstract class RedisSinkTask<C extends SinkConfig> extends SinkTask {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSinkTask.class);

  private final Function<RedisSettings, RedisConnections> redis;
  private final TaskClock clock;
  private @Nullable RunningSink running;

  /** Creates a task. */
  protected RedisSinkTask(Function<RedisSettings, RedisConnections> redis, TaskClock clock) {
    this.redis = redis;
    this.clock = clock;
  }

  /** Parses a configuration. */
  protected abstract C parse(Map<String, String> properties);

  /** Returns what records become, and how they are written. */
  protected abstract RunningSink.Kind kind(C config);

  /** Returns whether each record is written exactly once. */
  protected abstract boolean isExactlyOnce(C config);

  @Override
  public final String version() {
    return Version.get();
  }

  @Override
  public final void start(Map<String, String> properties) {
    C config = parse(properties);
    TaskMetrics metrics =
        TaskMetrics.of(config.connector(), config.task(), () -> context.pluginMetrics());
    try {
      running =
          new RunningSink(
              config, kind(config), redis.apply(config.redis()), context, metrics, clock);
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
    Destination destination = config.destination();
    String target = destination.describe(destination.text());
    if (isExactlyOnce(config) && config.readsUncommitted()) {
      LOG.warn(
          "{} is not read_committed: the task writes records of aborted transactions to {} unless"
              + " the worker sets consumer.isolation.level=read_committed. Set {}=read_committed",
          SinkConfig.ISOLATION_LEVEL,
          target,
          SinkConfig.ISOLATION_LEVEL);
    }
    LOG.info("Writing to {} of Redis {}", target, config.redis().endpoints());
  }

  @Override
  public final void open(Collection<TopicPartition> partitions) {
    running().open(partitions);
  }

  @Override
  public final void put(Collection<SinkRecord> records) {
    running().put(records);
  }

  @Override
  public final Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
    return running().committable(currentOffsets);
  }

  @Override
  public final void close(Collection<TopicPartition> partitions) {
    running().close(partitions);
  }

  @Override
  public final void stop() {
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
