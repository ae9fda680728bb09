/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.HandoverWatch;
import io.claimstream.connect.source.lane.StoredOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Task of the range source; delegates to {@link RunningRange}, which holds all the state. */
public final class RedisStreamRangeSourceTask extends SourceTask {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStreamRangeSourceTask.class);

  private static final Duration PAUSE = Duration.ofMillis(200);

  private volatile @Nullable Running running;

  /** State between start and stop. */
  private record Running(RunningRange range, HandoverWatch handover) {}

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> properties) {
    RangeSourceConfig config = new RangeSourceConfig(properties);
    TaskMetrics metrics =
        TaskMetrics.of(config.connector(), config.task(), () -> context.pluginMetrics());
    TaskClock clock = TaskClock.system();
    try {
      RunningRange range =
          new RunningRange(
              config,
              RedisConnections.of(config.redis()),
              offsets(config.taskStreams()),
              metrics,
              clock,
              PAUSE);
      running =
          new Running(range, new HandoverWatch(LOG, config.connector(), clock.steady()).started());
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
  }

  private Map<String, EntryId> offsets(List<String> streams) {
    Map<Map<String, String>, Map<String, Object>> stored =
        context
            .offsetStorageReader()
            .offsets(streams.stream().map(RangeReader::partition).toList());
    Map<String, EntryId> offsets = new HashMap<>();
    stored.forEach(
        (partition, offset) -> {
          if (offset != null) {
            offsets.put(
                String.valueOf(partition.get("stream")),
                StoredOffsets.parse(partition, offset).id());
          }
        });
    return offsets;
  }

  @Override
  public @Nullable List<SourceRecord> poll() throws InterruptedException {
    Running now = running;
    if (now == null) {
      return null;
    }
    now.handover().polling();
    List<SourceRecord> polled = now.range().poll();
    now.handover().handedOver(polled);
    return polled;
  }

  @Override
  public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    Running now = running;
    if (now != null) {
      now.handover().confirmed(record);
      now.range().commitRecord(record, metadata);
    }
  }

  @Override
  public void stop() {
    Running now = running;
    if (now != null) {
      running = null;
      now.handover().close();
      now.range().close();
    }
  }
}
