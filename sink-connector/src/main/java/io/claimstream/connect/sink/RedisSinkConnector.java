/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.UnknownSettings;
import io.claimstream.connect.redis.error.BadRequest;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.redis.validation.RequiredAccess;
import io.claimstream.connect.sink.deliver.SinkStreams;
import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.StreamConnections;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.jspecify.annotations.Nullable;

/**
 * What the sink connectors have in common. Connect calls it from one thread at a time.
 *
 * @param <C> the settings of the connector
 */
public abstract class RedisSinkConnector<C extends SinkConfig> extends SinkConnector {
  private final Function<RedisSettings, RedisConnections> redis;
  private final InstantSource clock;
  private Map<String, String> properties = Map.of();

  /** Creates a connector. */
  protected RedisSinkConnector(
      Function<RedisSettings, RedisConnections> redis, InstantSource clock) {
    this.redis = redis;
    this.clock = clock;
  }

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> props) {
    properties = Map.copyOf(props);
  }

  /** Parses a configuration. */
  protected abstract C parse(Map<String, String> properties);

  /** Checks settings together, and returns the keys that the connector uses. */
  protected abstract List<RequiredAccess> check(C config, ConnectionCheck check);

  /**
   * Returns the same configuration for every task except its number. Connect assigns the
   * partitions.
   */
  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return IntStream.range(0, maxTasks).mapToObj(this::taskConfig).toList();
  }

  private Map<String, String> taskConfig(int task) {
    Map<String, String> config = new HashMap<>(properties);
    config.put(SinkConfig.TASK, Integer.toString(task));
    return config;
  }

  @Override
  public void stop() {
    // nothing to stop
  }

  /**
   * Validates each setting, then their combination, then the live Redis, which must be up. A
   * mistake is reported at the setting to change instead of as a failed task.
   */
  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    Config config = super.validate(connectorConfigs);
    UnknownSettings.check(config, connectorConfigs.keySet());
    ConnectionCheck check = new ConnectionCheck(config, redis);
    check.test(
        () -> {
          C sink = parse(connectorConfigs);
          check.connect(sink::redis, check(sink, check));
        });
    return config;
  }

  /**
   * Sets the stored offsets to exactly the requested ones, forward or backward, so that a requested
   * replay replays and a requested skip skips. Also applies to at-least-once delivery: stored
   * offsets that remain from exactly-once delivery must not contradict it later. Connect calls this
   * method while the connector is stopped.
   *
   * @param offsets the requested offsets; empty if a reset finds no committed offsets, because
   *     Kafka expires those of groups that are unused for long. All stored offsets are then deleted
   * @throws ConnectException if the configuration or an offset is invalid, or Redis does not reply
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<TopicPartition, @Nullable Long> offsets) {
    C config = parse(connectorConfig);
    SinkStreams streams = config.streams();
    offsets.forEach((partition, next) -> check(config, partition, next));
    try (StreamConnections connections = new StreamConnections(redis.apply(config.redis()))) {
      if (offsets.isEmpty()) {
        for (String stream : streams(config)) {
          streams.offsets(stream).deleteAll(connections.to(stream));
        }
      }
      offsets.forEach(
          (partition, next) ->
              connections
                  .to(streams.of(partition))
                  .call(streams.offsets(partition).set(partition, next, clock.instant())));
    }
    return true;
  }

  /** Returns all destinations that the connector can have written to. */
  private static Set<String> streams(SinkConfig config) {
    Destination destination = config.destination();
    if (!destination.hasTopic()) {
      return Set.of(destination.text());
    }
    if (config.topics().isEmpty()) {
      throw BadRequest.because(
          "Kafka has no committed offsets for this connector, and with topics.regex the connector"
              + " cannot list its topics for "
              + destination.setting()
              + "="
              + destination.text()
              + ". PATCH a null offset for each kafka_topic and kafka_partition instead");
    }
    return config.topics().stream().map(destination::of).collect(Collectors.toSet());
  }

  private static void check(SinkConfig config, TopicPartition partition, @Nullable Long next) {
    if (next == null) {
      return; // a reset includes topics that were consumed before the settings changed
    }
    if (partition.partition() < 0) {
      throw BadRequest.because(
          "kafka_partition of "
              + partition.topic()
              + " is "
              + partition.partition()
              + ": it must be 0 or more");
    }
    if (next < 0) {
      throw BadRequest.because(
          "kafka_offset of "
              + partition
              + " is "
              + next
              + ": it must be 0 or more, or null to start from the beginning");
    }
    if (!config.consumes(partition.topic())) {
      throw BadRequest.because(
          "kafka_topic "
              + partition.topic()
              + " is not consumed by this connector: choose one of its topics or topics.regex");
    }
  }
}
