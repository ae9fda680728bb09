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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Source task; delegates to {@link RunningSource}, which holds all the state. */
public final class RedisStreamSourceTask extends SourceTask {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStreamSourceTask.class);

  private volatile @Nullable Running running;

  /** State between start and stop. */
  private record Running(RunningSource source, HandoverWatch handover) {}

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> properties) {
    RedisStreamSourceConfig config = new RedisStreamSourceConfig(properties);
    TaskMetrics metrics =
        TaskMetrics.of(config.connector(), config.task(), () -> context.pluginMetrics());
    TaskClock clock = TaskClock.system();
    try {
      RunningSource source =
          new SourceAssembly(
                  config,
                  RedisConnections.of(config.redis()),
                  context.offsetStorageReader(),
                  metrics,
                  clock,
                  context.transactionContext())
              .source();
      running =
          new Running(source, new HandoverWatch(LOG, config.connector(), clock.steady()).started());
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
  }

  @Override
  public @Nullable List<SourceRecord> poll() throws InterruptedException {
    Running now = running;
    if (now == null) {
      return null;
    }
    now.handover().polling();
    List<SourceRecord> polled = now.source().poll();
    now.handover().handedOver(polled);
    return polled;
  }

  @Override
  public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    Running now = running;
    if (now != null) {
      now.handover().confirmed(record);
      now.source().commitRecord(record, metadata);
    }
  }

  @Override
  public void commit() {
    Running now = running;
    if (now != null) {
      now.source().acknowledge(Thread.currentThread());
    }
  }

  @Override
  public void stop() {
    Running now = running;
    if (now != null) {
      running = null;
      now.handover().close();
      now.source().close();
    }
  }
}
