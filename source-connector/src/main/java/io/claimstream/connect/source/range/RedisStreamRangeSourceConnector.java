/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.UnknownSettings;
import io.claimstream.connect.redis.error.BadRequest;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.redis.validation.RequiredAccess;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.util.ConnectorUtils;
import org.jspecify.annotations.Nullable;

/**
 * Source connector that reads a range of Redis streams without a consumer group, and so without
 * writing to Redis: a replay into a topic of its own beside the live connector, or an audit.
 *
 * <p>Delivery is exactly-once on a worker with {@code exactly.once.source.support=enabled},
 * otherwise at-least-once.
 */
public final class RedisStreamRangeSourceConnector extends SourceConnector {
  private @Nullable Map<String, String> properties;

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public ConfigDef config() {
    return RangeSourceConfig.CONFIG_DEF;
  }

  @Override
  public Class<? extends Task> taskClass() {
    return RedisStreamRangeSourceTask.class;
  }

  @Override
  public void start(Map<String, String> connectorProperties) {
    properties = Map.copyOf(connectorProperties);
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    if (properties == null) {
      throw new ConnectException("the connector has not been started");
    }
    Map<String, String> common = properties;
    List<String> streams = new RangeSourceConfig(common).streams();
    List<List<String>> groups =
        ConnectorUtils.groupPartitions(streams, Math.min(maxTasks, streams.size()));
    return groups.stream()
        .map(
            some -> {
              Map<String, String> config = new HashMap<>(common);
              config.put(RangeSourceConfig.TASK, Integer.toString(groups.indexOf(some)));
              config.put(RangeSourceConfig.TASK_STREAMS, String.join(",", some));
              return config;
            })
        .toList();
  }

  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    Config result = super.validate(connectorConfigs);
    UnknownSettings.check(result, connectorConfigs.keySet());
    ConnectionCheck check = new ConnectionCheck(result, RedisConnections::of);
    check.test(
        () -> {
          RangeSourceConfig config = new RangeSourceConfig(connectorConfigs);
          config.events().check(config.streams(), config.deadLetterTopic(), check);
          check.connectToRead(
              config::redis,
              config.streams().stream().map(RedisStreamRangeSourceConnector::access).toList());
        });
    return result;
  }

  private static RequiredAccess access(String stream) {
    return new RequiredAccess(
        RangeSourceConfig.STREAMS,
        stream,
        List.of(
            StreamInfo.command(stream),
            Command.of("XREAD", "COUNT", 1, "STREAMS", stream, "$"),
            Command.of("TIME")));
  }

  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  /**
   * Checks the requested offsets. Connect stores them, and the next start reads after them.
   *
   * @throws ConnectException if the request is invalid; the message names the mistake
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
    List<String> streams = new RangeSourceConfig(connectorConfig).streams();
    offsets.forEach(
        (partition, offset) -> {
          if (offset != null) {
            check(streams, partition, offset);
          }
        });
    return true;
  }

  private static void check(
      List<String> streams, @Nullable Map<String, ?> partition, Map<String, ?> offset) {
    if (partition == null
        || streams.stream().map(RangeReader::partition).noneMatch(partition::equals)) {
      throw BadRequest.because(
          "this connector has no partition "
              + partition
              + ". A partition has the key stream, whose value is one of "
              + streams);
    }
    try {
      SourceOffset.parse(offset);
    } catch (IllegalArgumentException e) {
      throw BadRequest.because("partition " + partition + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void stop() {
    properties = null;
  }
}
