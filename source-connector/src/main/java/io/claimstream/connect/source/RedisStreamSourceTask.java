/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.Version;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.connect.redis.time.TaskClock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/** Connect's task: a shell around {@link RunningSource}, which has all the state. */
public final class RedisStreamSourceTask extends SourceTask {
  private volatile @Nullable RunningSource running;

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> properties) {
    RedisStreamSourceConfig config = new RedisStreamSourceConfig(properties);
    TaskMetrics metrics =
        TaskMetrics.of(config.connector(), config.task(), () -> context.pluginMetrics());
    try {
      running =
          new SourceAssembly(
                  config,
                  RedisConnections.of(config.redis()),
                  context.offsetStorageReader(),
                  metrics,
                  TaskClock.system())
              .source();
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
  }

  @Override
  public @Nullable List<SourceRecord> poll() throws InterruptedException {
    RunningSource source = running;
    return source == null ? null : source.poll();
  }

  @Override
  public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    RunningSource source = running;
    if (source != null) {
      source.commitRecord(record, metadata);
    }
  }

  @Override
  public void commit() {
    RunningSource source = running;
    if (source != null) {
      source.acknowledge();
    }
  }

  @Override
  public void stop() {
    RunningSource source = running;
    if (source != null) {
      running = null;
      source.close();
    }
  }
}
