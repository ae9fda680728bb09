/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.UnknownSettings;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.source.discovery.StreamDiscovery;
import io.claimstream.connect.source.discovery.StreamPattern;
import io.claimstream.connect.source.discovery.StreamScan;
import io.claimstream.connect.source.discovery.StreamSelection;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.replay.GroupMove;
import io.claimstream.connect.source.replay.ReplayRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Source connector that reads Redis streams through a consumer group and emits their entries as
 * typed events.
 *
 * <p>Delivery is exactly-once on a worker with {@code exactly.once.source.support=enabled},
 * otherwise at-least-once.
 */
public final class RedisStreamSourceConnector extends SourceConnector {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStreamSourceConnector.class);

  private @Nullable Map<String, String> properties;
  private @Nullable StreamDiscovery discovery;

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public ConfigDef config() {
    return RedisStreamSourceConfig.CONFIG_DEF;
  }

  @Override
  public Class<? extends Task> taskClass() {
    return RedisStreamSourceTask.class;
  }

  @Override
  public void start(Map<String, String> connectorProperties) {
    properties = Map.copyOf(connectorProperties);
    RedisStreamSourceConfig config = new RedisStreamSourceConfig(connectorProperties);
    discovery =
        config
            .pattern()
            .map(
                pattern ->
                    new StreamDiscovery(
                            config.connector(),
                            config.selection(pattern),
                            config.patternInterval(),
                            RedisConnections.of(config.redis()),
                            context)
                        .started())
            .orElse(null);
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    if (properties == null) {
      throw new ConnectException("the connector has not been started");
    }
    Map<String, String> common = properties;
    RedisStreamSourceConfig config = new RedisStreamSourceConfig(common);
    List<Lane> lanes = config.lanes(discovery == null ? config.streams() : discovery.streams());
    List<List<Lane>> assignment = Lane.assign(lanes, maxTasks);
    if (!lanes.isEmpty() && assignment.size() < maxTasks) {
      LOG.info(
          "Connector '{}' has {} consumers in total, so it runs {} tasks instead of {} (tasks.max)."
              + " To use more tasks, add streams to redis.streams or raise"
              + " redis.consumers.per.stream.",
          config.connector(),
          lanes.size(),
          assignment.size(),
          maxTasks);
    }
    return IntStream.range(0, assignment.size())
        .mapToObj(task -> taskConfig(common, task, assignment.get(task)))
        .toList();
  }

  private static Map<String, String> taskConfig(
      Map<String, String> common, int task, List<Lane> lanes) {
    Map<String, String> config = new HashMap<>(common);
    config.put(RedisStreamSourceConfig.TASK, Integer.toString(task));
    config.put(
        RedisStreamSourceConfig.LANES,
        lanes.stream().map(Lane::toString).collect(Collectors.joining(",")));
    return config;
  }

  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    Config result = super.validate(connectorConfigs);
    UnknownSettings.check(result, connectorConfigs.keySet());
    ConnectionCheck check = new ConnectionCheck(result, RedisConnections::of);
    check.test(
        () -> {
          RedisStreamSourceConfig config = new RedisStreamSourceConfig(connectorConfigs);
          checkFailedStream(config, check);
          if (config.pattern().isPresent()) {
            checkPattern(config, config.pattern().get(), check);
          } else {
            config.events().check(config.streams(), config.deadLetterTopic(), check);
            check.connect(config::redis, SourceAccess.of(config, config.streams()));
          }
        });
    return result;
  }

  private static void checkPattern(
      RedisStreamSourceConfig config, StreamPattern pattern, ConnectionCheck check) {
    if (config.listsStreams()) {
      check.pin(
          RedisStreamSourceConfig.STREAMS_PATTERN,
          "redis.streams is set, too: remove one of the two");
    }
    if (!config.failedStream().isOff() && pattern.matches(config.failedStream().name())) {
      check.pin(
          RedisStreamSourceConfig.STREAMS_PATTERN,
          "'"
              + pattern
              + "' matches redis.failed.stream="
              + config.failedStream().name()
              + ": dead letters would be read again forever. Narrow the pattern, or choose another"
              + " dead letter stream");
    }
    if (config.startPosition().isEnd()) {
      check.pin(
          RedisStreamSourceConfig.START_ID,
          "$ cannot be used with redis.streams.pattern: entries that a new stream gets before it is"
              + " found would be skipped. To skip what is old, set an instant, such as the current"
              + " time");
    }
    // stands for the streams that match, as far as the topic is known in advance
    config.events().check(List.of(pattern.toString()), config.deadLetterTopic(), check);
    check.connect(
        config::redis,
        connections -> SourceAccess.of(config, new StreamScan(connections, pattern).sample()));
  }

  private static void checkFailedStream(RedisStreamSourceConfig config, ConnectionCheck check) {
    if (config.streams().contains(config.failedStream().name())) {
      check.pin(
          RedisStreamSourceConfig.FAILED_STREAM,
          "'"
              + config.failedStream().name()
              + "' is also in redis.streams: dead letters would be read again forever. Choose"
              + " another stream");
    }
  }

  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  /** With {@code transaction.boundary=connector} a transaction spans several reads of a backlog. */
  @Override
  public ConnectorTransactionBoundaries canDefineTransactionBoundaries(
      Map<String, String> connectorConfig) {
    return ConnectorTransactionBoundaries.SUPPORTED;
  }

  /**
   * Moves the consumer group: an altered offset replays from there, and a deleted offset starts
   * over at {@code redis.start.id}.
   *
   * <p>Connect stores the offsets exactly as they were sent.
   *
   * @throws ConnectException if the request is invalid; the message names the mistake, and no group
   *     is moved
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
    RedisStreamSourceConfig config = new RedisStreamSourceConfig(connectorConfig);
    RedisConnections connections = RedisConnections.of(config.redis());
    List<String> streams =
        config
            .pattern()
            .map(pattern -> streams(config.selection(pattern), connections, offsets.keySet()))
            .orElse(config.streams());
    ReplayRequest request =
        ReplayRequest.parse(
            offsets,
            config.lanes(streams).stream()
                .map(lane -> lane.partition(config.group(), config.connector()))
                .toList());
    new GroupMove(
            connections,
            config.connector(),
            config.lanesPerStream(),
            config.startPosition(),
            config.pattern().isEmpty())
        .apply(request);
    return true;
  }

  /** Returns the streams that the pattern finds, and those of the request that it has found. */
  private static List<String> streams(
      StreamSelection selection,
      RedisConnections connections,
      Collection<? extends @Nullable Map<String, ?>> requested) {
    Set<String> streams = new TreeSet<>(new StreamScan(connections, selection.pattern()).find());
    requested.stream()
        .map(partition -> partition == null ? null : partition.get("stream"))
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .forEach(streams::add);
    return streams.stream().filter(selection::includes).toList();
  }

  @Override
  public void stop() {
    if (discovery != null) {
      discovery.close();
      discovery = null;
    }
    properties = null;
  }
}
