/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * A source that reads nothing: it emits claim events that were created at its start, with the same
 * schema, key and batch size as Claimstream's source. No source can be faster on the same worker.
 */
public final class ReadyMadeSource extends SourceConnector {
  static final String TOPIC = "topic";
  static final String ENTRIES = "entries";
  static final String BATCH = "batch";

  private Map<String, String> config = Map.of();

  @Override
  public void start(Map<String, String> properties) {
    config = Map.copyOf(properties);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return ReadyMadeSourceTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(config);
  }

  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> properties) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  @Override
  public ConnectorTransactionBoundaries canDefineTransactionBoundaries(
      Map<String, String> properties) {
    return ConnectorTransactionBoundaries.SUPPORTED;
  }

  @Override
  public void stop() {
    // nothing to stop
  }

  @Override
  public ConfigDef config() {
    return new ConfigDef()
        .define(TOPIC, ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Topic for the events.")
        .define(ENTRIES, ConfigDef.Type.LONG, ConfigDef.Importance.HIGH, "Number of events.")
        .define(BATCH, ConfigDef.Type.INT, ConfigDef.Importance.HIGH, "Number of events per poll.");
  }

  @Override
  public String version() {
    return "1";
  }
}
