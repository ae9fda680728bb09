/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.RedisStreamSourceTask;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/** Runs the source's task with one busy stream and some quiet ones, repeatedly from the start. */
final class BusyStreamRun {
  private static final String BUSY = "busy";
  private static final int PIPELINED = 2_000;
  private static final RecordMetadata IN_KAFKA =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  private static int groups;

  private final String redisUri;
  private final String distantUri;
  private final int quiet;
  private final int entries;

  /**
   * Creates a run beside that many quiet streams that reads that many entries.
   *
   * @param redisUri the address for setup, which is not measured
   * @param distantUri the address for the task
   */
  BusyStreamRun(String redisUri, String distantUri, int quiet, int entries) {
    this.redisUri = redisUri;
    this.distantUri = distantUri;
    this.quiet = quiet;
    this.entries = entries;
  }

  /** Appends the entries of all runs. */
  static void fill(String redisUri, int entries) {
    ClaimEntries claims = ClaimEntries.usual();
    try (RedisConnection redis = connect(redisUri)) {
      for (int from = 0; from < entries; from += PIPELINED) {
        List<Command> commands = new ArrayList<>();
        for (int i = from; i < Math.min(entries, from + PIPELINED); i++) {
          commands.add(Command.of("XADD", BUSY, "*").addAll(claims.fields(i)));
        }
        redis.pipeline(commands).forEach(reply -> Replies.checked(reply, "XADD"));
      }
    }
  }

  private static RedisConnection connect(String redisUri) {
    Map<String, String> properties = Map.of("name", "benchmark", "redis.uri", redisUri);
    return RedisConnections.of(new RedisStreamSourceConfig(properties).redis()).open(BUSY);
  }

  /** Reads all entries with a new group and returns how long that took from the first of them. */
  long nanos() {
    String group = "g" + groups++;
    RedisStreamSourceTask task = new RedisStreamSourceTask();
    task.initialize(new NoOffsets());
    task.start(config(group));
    try {
      int read = 0;
      long begin = 0;
      while (read < entries) {
        List<SourceRecord> polled = task.poll();
        if (polled != null) {
          begin = begin == 0 ? System.nanoTime() : begin;
          polled.forEach(record -> task.commitRecord(record, IN_KAFKA));
          read += polled.size();
        }
        task.commit();
      }
      return System.nanoTime() - begin;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    } finally {
      task.stop();
      destroy(group);
    }
  }

  private Map<String, String> config(String group) {
    Map<String, String> config = new HashMap<>();
    config.put("name", "benchmark");
    config.put("redis.uri", distantUri);
    config.put("redis.group", group);
    // the busy stream is last, so that all are connected when its first entries arrive
    config.put("redis.streams", quietStreams() + BUSY);
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(config);
    return connector.taskConfigs(1).get(0);
  }

  private String quietStreams() {
    return IntStream.range(0, quiet)
        .mapToObj(i -> "quiet-" + i + ",")
        .collect(Collectors.joining());
  }

  private void destroy(String group) {
    try (RedisConnection redis = connect(redisUri)) {
      redis.call(Command.of("XGROUP", "DESTROY", BUSY, group));
    }
  }

  /** The offset storage of a worker that has stored nothing. */
  private static final class NoOffsets implements SourceTaskContext, OffsetStorageReader {
    @Override
    public Map<String, String> configs() {
      return Map.of();
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
      return this;
    }

    @Override
    public PluginMetrics pluginMetrics() {
      throw new NoSuchMethodError("as on workers before 4.1");
    }

    @Override
    public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
      return null;
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(
        Collection<Map<String, T>> partitions) {
      return Map.of();
    }
  }
}
