/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Two versions of the plugin side by side on one worker, each connector with its own ({@code
 * connector.plugin.version}, KIP-891).
 */
class PluginVersionsIT extends SourceTestBase {
  private static final Path ZIP = Path.of(System.getProperty("plugin.zip", ""));
  private static final String SOURCE = "io.claimstream.connect.source.RedisStreamSourceConnector";
  private static final String OLD = "0.0.1";
  private static final String NEW = "0.0.2";

  PluginVersionsIT(Stack stack) {
    super(stack);
  }

  @Test
  void eachConnectorRunsTheVersionThatItsConfigurationNames() {
    // given a plugin path with two versions
    PluginFolder plugins =
        new PluginFolder(stack.directory(Stack.unique("versions")).resolve("plugins"));
    plugins.add(ZIP, OLD);
    plugins.add(ZIP, NEW);
    try (ConnectWorker worker =
        stack.worker(plugins.pluginPath(), Map.of("group.id", Stack.unique("versions")))) {
      ConnectRest rest = worker.rest();
      assertThat(versionsOf(rest, SOURCE)).containsExactlyInAnyOrder(OLD, NEW);

      // when
      List<String> ids = new ArrayList<>(redis.addClaims(stream, 100));
      String old = connector + "-old";
      String other = stream + ":old";
      Topic otherTopic = stack.topic(other.replace(':', '.'));
      stack.createTopics(Map.of(otherTopic.name(), 1));
      List<String> otherIds = redis.addClaims(other, 100);
      rest.createOrUpdate(connector, config(stream, NEW));
      rest.createOrUpdate(old, config(other, OLD));
      rest.awaitRunning(connector, PATIENCE);
      rest.awaitRunning(old, PATIENCE);

      // then
      assertRuns(rest, connector, NEW);
      assertRuns(rest, old, OLD);
      assertThat(streamIds(topic.await(100))).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(streamIds(otherTopic.await(100))).containsExactlyInAnyOrderElementsOf(otherIds);
      assertThat(problems(rest.validate(SOURCE, config(stream, NEW).put("name", "x")))).isEmpty();
      assertThat(problems(rest.validate(SOURCE, config(stream, "0.0.3").put("name", "x"))))
          .anyMatch(problem -> problem.contains("0.0.3"));

      // and when a connector changes to the other version, and back
      ids.addAll(redis.addClaims(stream, 100));
      rest.createOrUpdate(connector, config(stream, OLD));
      assertRuns(rest, connector, OLD);
      ids.addAll(redis.addClaims(stream, 100));
      topic.await(ids.size());
      rest.createOrUpdate(connector, config(stream, NEW));
      assertRuns(rest, connector, NEW);
      ids.addAll(redis.addClaims(stream, 100));

      // then
      assertThat(streamIds(topic.await(ids.size()))).containsExactlyInAnyOrderElementsOf(ids);
      awaitNothingPending();
      rest.delete(connector);
      rest.delete(old);
    }
  }

  private ObjectNode config(String from, String version) {
    return stack.example(
        "claims-source.json",
        settings("redis.streams", from, "connector.plugin.version", "[" + version + "]"));
  }

  private static List<String> versionsOf(ConnectRest rest, String plugin) {
    List<String> versions = new ArrayList<>();
    for (JsonNode each : rest.get("/connector-plugins")) {
      if (each.path("class").asText().equals(plugin)) {
        versions.add(each.path("version").asText());
      }
    }
    return versions;
  }

  /** Waits until the status of the connector and of its task shows that version. */
  private static void assertRuns(ConnectRest rest, String name, String version) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .untilAsserted(
            () -> {
              JsonNode status = rest.status(name);
              assertThat(status.path("connector").path("version").asText()).isEqualTo(version);
              assertThat(status.at("/tasks/0/version").asText()).isEqualTo(version);
              assertThat(status.at("/tasks/0/state").asText()).isEqualTo("RUNNING");
            });
  }

  private static List<String> problems(JsonNode validation) {
    List<String> problems = new ArrayList<>();
    for (JsonNode each : validation.path("configs")) {
      each.path("value").path("errors").forEach(error -> problems.add(error.asText()));
    }
    return problems;
  }
}
