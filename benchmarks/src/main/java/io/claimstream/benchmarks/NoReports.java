/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/** The context of a worker that reports no errors; every other call is refused. */
final class NoReports implements SinkTaskContext {

  @Override
  public Map<String, String> configs() {
    return Map.of();
  }

  @Override
  public void offset(Map<TopicPartition, Long> offsets) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void offset(TopicPartition partition, long offset) {
    // nothing is polled
  }

  @Override
  public void timeout(long millis) {
    // the caller of the task decides when to call again
  }

  @Override
  public Set<TopicPartition> assignment() {
    return Set.of();
  }

  @Override
  public void pause(TopicPartition... partitions) {
    // nothing is polled
  }

  @Override
  public void resume(TopicPartition... partitions) {
    // nothing is polled
  }

  @Override
  public void requestCommit() {
    // nothing is polled
  }

  @Override
  public @Nullable ErrantRecordReporter errantRecordReporter() {
    return null;
  }

  @Override
  public PluginMetrics pluginMetrics() {
    throw new NoSuchMethodError("as on workers before 4.1");
  }
}
