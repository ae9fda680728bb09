/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.ceiling;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * A source that reads nothing: it hands over claim events that were made when it started, of the
 * same schema, key and batch size as ours. No source can be quicker on the same worker.
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
  public void stop() {
    // nothing runs here
  }

  @Override
  public ConfigDef config() {
    return new ConfigDef()
        .define(TOPIC, ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "Where events go.")
        .define(ENTRIES, ConfigDef.Type.LONG, ConfigDef.Importance.HIGH, "How many events.")
        .define(BATCH, ConfigDef.Type.INT, ConfigDef.Importance.HIGH, "How many in one poll.");
  }

  @Override
  public String version() {
    return "1";
  }
}
