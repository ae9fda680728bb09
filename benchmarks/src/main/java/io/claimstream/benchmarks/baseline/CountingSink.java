/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** A sink that only counts records. No sink can be faster on the same worker. */
public final class CountingSink extends SinkConnector {
  static final String ENTRIES = "entries";
  static final String FILE = "file";

  private Map<String, String> config = Map.of();

  @Override
  public void start(Map<String, String> properties) {
    config = Map.copyOf(properties);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return CountingSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(config);
  }

  @Override
  public void stop() {
    // nothing to stop
  }

  @Override
  public ConfigDef config() {
    return new ConfigDef()
        .define(
            ENTRIES, ConfigDef.Type.LONG, ConfigDef.Importance.HIGH, "Number of records to expect.")
        .define(
            FILE,
            ConfigDef.Type.STRING,
            ConfigDef.Importance.HIGH,
            "File for the arrival times of the first and the last record, in milliseconds.");
  }

  @Override
  public String version() {
    return "1";
  }
}
