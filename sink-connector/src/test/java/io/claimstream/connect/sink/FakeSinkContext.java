/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Records a task's calls to Connect. */
final class FakeSinkContext implements SinkTaskContext {
  final List<Long> timeouts = new ArrayList<>();
  final List<SinkRecord> reported = new ArrayList<>();
  final List<Throwable> reasons = new ArrayList<>();
  final Map<TopicPartition, Long> rewinds = new HashMap<>();
  final Set<TopicPartition> paused = new HashSet<>();
  boolean isCommitRequested;
  private final Consumer<SinkRecord> reports;

  FakeSinkContext() {
    this(record -> {});
  }

  /** Writes each dead letter when a caller waits for it. */
  FakeSinkContext(Consumer<SinkRecord> reports) {
    this.reports = reports;
  }

  @Override
  public Map<String, String> configs() {
    return Map.of();
  }

  @Override
  public void offset(Map<TopicPartition, Long> offsets) {
    rewinds.putAll(offsets);
  }

  @Override
  public void offset(TopicPartition partition, long offset) {
    rewinds.put(partition, offset);
  }

  @Override
  public void timeout(long millis) {
    timeouts.add(millis);
  }

  @Override
  public Set<TopicPartition> assignment() {
    return Set.of();
  }

  @Override
  public void pause(TopicPartition... partitions) {
    paused.addAll(List.of(partitions));
  }

  @Override
  public void resume(TopicPartition... partitions) {
    paused.removeAll(List.of(partitions));
  }

  @Override
  public void requestCommit() {
    isCommitRequested = true;
  }

  @Override
  public ErrantRecordReporter errantRecordReporter() {
    return (record, error) -> {
      reported.add(record);
      reasons.add(error);
      return new Report(() -> reports.accept(record));
    };
  }

  @Override
  public PluginMetrics pluginMetrics() {
    return new PluginMetricsImpl(new Metrics(), Map.of());
  }

  /** Is written when a caller waits for it, at the latest permitted time. */
  private static final class Report extends CompletableFuture<Void> {
    private final Runnable write;

    Report(Runnable write) {
      this.write = write;
    }

    @Override
    @SuppressWarnings("NullAway") // a Future<Void> has nothing but null
    public Void get() throws ExecutionException {
      try {
        write.run();
      } catch (RuntimeException e) {
        throw new ExecutionException(e);
      }
      return null;
    }
  }
}
