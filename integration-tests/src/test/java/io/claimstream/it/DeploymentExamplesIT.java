/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The files for Kubernetes and Docker, which cannot be run here: they are well formed, and their
 * connectors and workers are set as the tested examples are.
 */
@ExtendWith(Stack.class)
class DeploymentExamplesIT {
  private static final Path EXAMPLES = Path.of(System.getProperty("examples", ""));
  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /* what differs from one place to another */
  private static final Set<String> OF_THE_PLACE =
      Set.of(
          "redis.uri",
          "redis.username",
          "redis.password",
          "value.converter.apicurio.registry.url",
          "errors.deadletterqueue.topic.replication.factor");
  private static final Set<String> OF_THE_WORKER =
      Set.of("bootstrap.servers", "listeners", "rest.advertised.host.name", "plugin.path");

  private final Stack stack;

  DeploymentExamplesIT(Stack stack) {
    this.stack = stack;
  }

  private static List<JsonNode> documents(String file) throws IOException {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(EXAMPLES.resolve(file).toFile())) {
      return documents.readAll();
    }
  }

  private static Map<String, String> texts(JsonNode config) {
    Map<String, String> texts = new TreeMap<>();
    config.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static Map<String, String> properties(String file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(EXAMPLES.resolve(file))) {
      properties.load(in);
    }
    Map<String, String> texts = new TreeMap<>();
    properties.forEach((key, value) -> texts.put(key.toString(), value.toString()));
    return texts;
  }

  @Test
  void theConnectorsOfStrimziAreTheExamples() throws IOException {
    List<JsonNode> connectors = documents("kubernetes/connectors.yaml");

    assertThat(connectors).hasSize(2);
    for (JsonNode connector : connectors) {
      String name = connector.path("metadata").path("name").asText();
      JsonNode example = JSON.readTree(EXAMPLES.resolve(name + ".json").toFile()).path("config");
      Map<String, String> config = texts(connector.path("spec").path("config"));
      config.put("connector.class", connector.path("spec").path("class").asText());
      config.put("tasks.max", connector.path("spec").path("tasksMax").asText());
      Map<String, String> expected = texts(example);
      assertThat(config).containsEntry("redis.password", "${env:REDIS_PASSWORD}");
      config.keySet().removeAll(OF_THE_PLACE);
      expected.keySet().removeAll(OF_THE_PLACE);

      assertThat(connector.path("kind").asText()).isEqualTo("KafkaConnector");
      assertThat(config).isEqualTo(expected);
    }
  }

  @Test
  void aWorkerAcceptsTheConnectorsOfStrimzi() throws IOException {
    for (JsonNode connector : documents("kubernetes/connectors.yaml")) {
      String name = connector.path("metadata").path("name").asText();
      ObjectNode config = stack.example(name + ".json", Map.of());
      texts(connector.path("spec").path("config"))
          .forEach(
              (key, value) -> {
                if (!OF_THE_PLACE.contains(key)) {
                  config.put(key, value);
                }
              });
      config.put("name", name);

      JsonNode verdict =
          stack.connect().validate(connector.path("spec").path("class").asText(), config);

      assertThat(verdict.path("error_count").asInt(-1)).as(verdict.toString()).isZero();
    }
  }

  @Test
  void theWorkersAreSetAsTheExampleIs() throws IOException {
    Map<String, String> example = properties("worker/connect-distributed.properties");
    Map<String, String> docker = properties("docker/connect-distributed.properties");
    JsonNode strimzi = documents("kubernetes/kafka-connect.yaml").get(0);
    Map<String, String> kubernetes = texts(strimzi.path("spec").path("config"));

    example.keySet().removeAll(OF_THE_WORKER);
    docker.keySet().removeAll(OF_THE_WORKER);
    assertThat(docker).isEqualTo(example);
    assertThat(strimzi.path("kind").asText()).isEqualTo("KafkaConnect");
    example.keySet().removeIf(key -> key.contains(".storage."));
    assertThat(kubernetes).containsAllEntriesOf(example);
  }

  @Test
  void theComposeFileStartsWhatTheExamplesNeedOnLoopback() throws IOException {
    JsonNode services = documents("docker/compose.yaml").get(0).path("services");

    assertThat(services.properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder("redis", "kafka", "registry", "connect");
    for (JsonNode service : services) {
      assertThat(service.path("ports"))
          .isNotEmpty()
          .allMatch(port -> port.asText().startsWith("127.0.0.1:"));
    }
    assertThat(services.path("redis").path("command"))
        .extracting(JsonNode::asText)
        .contains("noeviction", "--appendonly");
    assertThat(services.path("connect").path("build").path("dockerfile").asText())
        .isEqualTo("config-examples/docker/Dockerfile");
  }
}
