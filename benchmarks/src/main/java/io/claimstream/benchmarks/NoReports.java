/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.jspecify.annotations.Nullable;

/** What a task gets to see of a worker that reports no errors; whatever else it asks is refused. */
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
    // nothing is polled here
  }

  @Override
  public void timeout(long millis) {
    // whoever calls the task decides when to come back
  }

  @Override
  public Set<TopicPartition> assignment() {
    return Set.of();
  }

  @Override
  public void pause(TopicPartition... partitions) {
    // nothing is polled here
  }

  @Override
  public void resume(TopicPartition... partitions) {
    // nothing is polled here
  }

  @Override
  public void requestCommit() {
    // nothing is polled here
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
