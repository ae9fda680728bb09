/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.RedisStreamSourceTask;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * A run of the source's task with one busy stream and some quiet ones. A record counts as produced
 * as soon as it is polled, and each poll is a transaction.
 */
final class BusyStreamRun {
  private static final RecordMetadata IN_KAFKA =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  private final Session session;
  private final String redisUri;
  private final List<String> quiet;

  /**
   * Creates a run beside those quiet streams.
   *
   * @param redisUri the address for the task
   */
  BusyStreamRun(Session session, String redisUri, List<String> quiet) {
    this.session = session;
    this.redisUri = redisUri;
    this.quiet = quiet;
  }

  /** Reads the busy stream with a new group and measures from its first entries on. */
  Measurement measure() {
    long entries = session.options().entries();
    String busy = session.stream(entries);
    String group = session.unique("quiet");
    RedisStreamSourceTask task = new RedisStreamSourceTask();
    task.initialize(new NoOffsets());
    task.start(config(busy, group));
    try {
      long read = 0;
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
      return new Measurement(entries, (System.nanoTime() - begin) / 1e9, Double.NaN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while measuring", e);
    } finally {
      task.stop();
      session.streams().destroyGroup(busy, group);
    }
  }

  private Map<String, String> config(String busy, String group) {
    // the busy stream is last, so that all are connected when its first entries arrive
    String streams =
        Stream.concat(quiet.stream(), Stream.of(busy)).collect(Collectors.joining(","));
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(
        Map.of(
            "name", "benchmark",
            "redis.uri", redisUri,
            "redis.group", group,
            "redis.streams", streams));
    return connector.taskConfigs(1).get(0);
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
