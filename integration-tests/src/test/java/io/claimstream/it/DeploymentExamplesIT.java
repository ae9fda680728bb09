/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  private static final String ALLOWED = "config.providers.env.param.allowlist.pattern";

  /** Strimzi's classes keep what they do not know; here nothing may be left over. */
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public @Nullable Boolean hasAnySetter(Annotated member) {
                  return null;
                }
              })
          .build();

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
    kubernetes.put("group.id", strimzi.path("spec").path("groupId").asText());

    example.keySet().removeAll(OF_THE_WORKER);
    docker.keySet().removeAll(OF_THE_WORKER);
    assertThat(docker).isEqualTo(example);
    assertThat(strimzi.path("kind").asText()).isEqualTo("KafkaConnect");
    example.keySet().removeIf(key -> key.contains(".storage."));
    assertThat(kubernetes).containsAllEntriesOf(example);
  }

  /** What the operator would refuse or, worse, drop without a word. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kubernetes/kafka-connect.yaml",
        "kubernetes/connectors.yaml",
        "kubernetes/topics.yaml"
      })
  void theOperatorKnowsEveryFieldOfItsResources(String file) throws IOException {
    for (JsonNode document : documents(file)) {
      String kind = document.path("kind").asText();

      assertThat(document.path("apiVersion").asText()).isEqualTo("kafka.strimzi.io/v1");
      assertThat(unknownToStrimzi(document)).as(kind + " in " + file).isNull();
      assertThat(document.path("spec").has("replicas")).isEqualTo(!kind.equals("KafkaConnector"));
    }
  }

  @Test
  void aFieldThatTheOperatorDoesNotKnowIsNoticed() throws IOException {
    ObjectNode connect = (ObjectNode) documents("kubernetes/kafka-connect.yaml").get(0);
    ((ObjectNode) connect.path("spec").path("template").path("connectContainer"))
        .put("environment", "x");

    assertThat(unknownToStrimzi(connect)).contains("environment");
  }

  /** The message of a strict reading by Strimzi's own classes, or null. */
  private static @Nullable String unknownToStrimzi(JsonNode document) {
    String kind = document.path("kind").asText();
    String folder =
        switch (kind) {
          case "KafkaConnect" -> "connect";
          case "KafkaConnector" -> "connector";
          default -> "topic";
        };
    try {
      // by name: its annotations are not on our class path, which the compiler would warn of
      Class<?> model = Class.forName("io.strimzi.api.kafka.model." + folder + "." + kind);
      STRICT.treeToValue(document, model);
      return null;
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    } catch (JsonProcessingException e) {
      return e.getMessage();
    }
  }

  @Test
  void theWorkersOfStrimziNameTheirGroupAndTopicsWhereTheOperatorWantsThem() throws IOException {
    JsonNode spec = documents("kubernetes/kafka-connect.yaml").get(0).path("spec");

    for (String field :
        List.of("groupId", "configStorageTopic", "offsetStorageTopic", "statusStorageTopic")) {
      assertThat(spec.path(field).asText()).as(field).startsWith("claimstream");
    }
    // what the operator sets itself, and takes from nobody
    assertThat(texts(spec.path("config")).keySet())
        .noneMatch(key -> key.equals("group.id") || key.endsWith(".storage.topic"))
        .noneMatch(
            key ->
                key.matches("(ssl|sasl|security|rest)\\..*|listeners.*|plugin\\.path|bootstrap.*"));
  }

  @Test
  void eachDirectionHasAUserAndASecretOfItsOwn() throws IOException {
    // given
    JsonNode spec = documents("kubernetes/kafka-connect.yaml").get(0).path("spec");
    Map<String, String> secrets = new TreeMap<>();
    for (JsonNode variable : spec.path("template").path("connectContainer").path("env")) {
      secrets.put(
          variable.path("name").asText(),
          variable.path("valueFrom").path("secretKeyRef").path("name").asText());
    }
    String allowed = spec.path("config").path(ALLOWED).asText();
    String told = Files.readString(EXAMPLES.resolve("kubernetes/kafka-connect.yaml"));

    // when
    Set<String> users = new TreeSet<>();
    Set<String> passwords = new TreeSet<>();
    for (JsonNode connector : documents("kubernetes/connectors.yaml")) {
      JsonNode config = connector.path("spec").path("config");
      users.add(config.path("redis.username").asText());
      passwords.add(config.path("redis.password").asText());
    }

    // then
    assertThat(users).containsExactly("claims-sink", "claims-source");
    assertThat(passwords)
        .containsExactly("${env:REDIS_SINK_PASSWORD}", "${env:REDIS_SOURCE_PASSWORD}");
    assertThat(secrets)
        .containsOnlyKeys("REDIS_SINK_PASSWORD", "REDIS_SOURCE_PASSWORD")
        .containsValues("claims-redis-source", "claims-redis-sink");
    assertThat(secrets.keySet()).allMatch(name -> name.matches(allowed));
    assertThat(secrets.values())
        .allMatch(secret -> told.contains("kubectl create secret generic " + secret + " "));
  }

  @Test
  void everyTopicOfTheConnectorsIsAResource() throws IOException {
    // given
    Map<String, JsonNode> topics = new TreeMap<>();
    for (JsonNode topic : documents("kubernetes/topics.yaml")) {
      topics.put(topic.path("metadata").path("name").asText(), topic.path("spec"));
    }

    // when
    Set<String> used = new TreeSet<>(Set.of("claims.events", "claims.failed"));
    for (JsonNode connector : documents("kubernetes/connectors.yaml")) {
      JsonNode config = connector.path("spec").path("config");
      if (config.has("topics")) {
        used.addAll(List.of(config.path("topics").asText().split(",")));
        String failed = config.path("errors.deadletterqueue.topic.name").asText();
        used.add(failed);
        assertThat(Objects.requireNonNull(topics.get(failed), failed).path("replicas").asText())
            .isEqualTo(config.path("errors.deadletterqueue.topic.replication.factor").asText());
      }
    }

    // then
    assertThat(topics.keySet()).isEqualTo(used);
    assertThat(topics.values())
        .allMatch(spec -> spec.path("config").has("retention.ms"))
        .allMatch(spec -> spec.path("config").path("cleanup.policy").asText().equals("delete"));
  }

  @Test
  void prometheusFindsTheWorkersUnderTheNameThatTheAlertsExpect() throws IOException {
    JsonNode monitor = documents("kubernetes/pod-monitor.yaml").get(0).path("spec");
    JsonNode connect = documents("kubernetes/kafka-connect.yaml").get(0);
    JsonNode labels = monitor.path("selector").path("matchLabels");
    JsonNode endpoint = monitor.path("podMetricsEndpoints").path(0);
    String alerts = Files.readString(EXAMPLES.resolve("monitoring/alerts.yml"));
    JsonNode metrics = connect.path("spec").path("metricsConfig").path("valueFrom");

    assertThat(labels.path("strimzi.io/kind")).isEqualTo(connect.path("kind"));
    assertThat(labels.path("strimzi.io/cluster")).isEqualTo(connect.path("metadata").path("name"));
    assertThat(endpoint.path("port").asText()).isEqualTo("tcp-prometheus");
    JsonNode job = endpoint.path("relabelings").path(0);
    assertThat(job.path("targetLabel").asText()).isEqualTo("job");
    assertThat(alerts).contains("up{job=\"" + job.path("replacement").asText() + "\"}");
    assertThat(
            EXAMPLES.resolve("monitoring/" + metrics.path("configMapKeyRef").path("key").asText()))
        .isRegularFile();
    assertThat(
            documents("docker/prometheus.yml")
                .get(0)
                .path("scrape_configs")
                .path(0)
                .path("job_name"))
        .isEqualTo(job.path("replacement"));
  }

  @Test
  void theImagesAgree() throws IOException {
    String kubernetes = Files.readString(EXAMPLES.resolve("kubernetes/Dockerfile"));
    String docker = Files.readString(EXAMPLES.resolve("docker/Dockerfile"));
    JsonNode connect = documents("kubernetes/kafka-connect.yaml").get(0).path("spec");
    JsonNode services = documents("docker/compose.yaml").get(0).path("services");
    String version = connect.path("version").asText();
    String exporter =
        "io.prometheus.jmx:jmx_prometheus_javaagent:" + System.getProperty("jmx.exporter.version");

    assertThat(kubernetes)
        .contains("-t " + connect.path("image").asText() + " .")
        .contains("docker push " + connect.path("image").asText())
        .contains("-kafka-" + version + "\n");
    assertThat(docker).contains("FROM apache/kafka:" + version + "\n").contains(exporter);
    assertThat(services.path("kafka").path("image").asText()).isEqualTo("apache/kafka:" + version);
    for (String dockerfile : List.of(kubernetes, docker)) {
      assertThat(dockerfile)
          .contains("COPY config-examples/worker/avro-converter.xml /build/")
          .contains("packaging/target/claimstream-redis-streams-*.zip");
    }
  }

  @Test
  void theComposeFileStartsWhatTheExamplesNeedOnLoopback() throws IOException {
    JsonNode compose = documents("docker/compose.yaml").get(0);
    JsonNode services = compose.path("services");

    assertThat(services.properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(
            "redis", "kafka", "registry", "connect", "prometheus", "grafana");
    for (JsonNode service : services) {
      assertThat(service.path("ports"))
          .isNotEmpty()
          .allMatch(port -> port.asText().startsWith("127.0.0.1:"));
      assertThat(service.path("healthcheck").path("test")).isNotEmpty();
      service
          .path("depends_on")
          .properties()
          .forEach(
              other -> {
                assertThat(services.has(other.getKey())).isTrue();
                assertThat(other.getValue().path("condition").asText())
                    .isEqualTo("service_healthy");
              });
    }
    assertThat(services.path("redis").path("command"))
        .extracting(JsonNode::asText)
        .contains("noeviction", "--appendonly");
    assertThat(services.path("connect").path("build").path("dockerfile").asText())
        .isEqualTo("config-examples/docker/Dockerfile");
  }

  @Test
  void theImagesOfTheComposeFileAreTheVersionsThatTheTestsRunOn() throws IOException {
    JsonNode services = documents("docker/compose.yaml").get(0).path("services");
    String tested = Files.readString(EXAMPLES.resolve("../docs/compatibility.md"));

    assertThat(tested)
        .contains("| Redis " + version(services.path("redis")) + " |")
        .contains("a broker " + version(services.path("kafka")) + ".");
    assertThat(System.getProperty("docker.redis"))
        .isEqualTo(services.path("redis").path("image").asText());
    assertThat(version(services.path("registry")))
        .isEqualTo(System.getProperty("apicurio.version"));
    for (JsonNode service : services) {
      assertThat(version(service))
          .as("a version, so that it is the same tomorrow")
          .isNotEqualTo("latest");
    }
  }

  /** Empty for the image that is built here. */
  private static String version(JsonNode service) {
    String[] image = service.path("image").asText().split(":", 2);
    assertThat(image.length == 2 || service.has("build")).isTrue();
    return image.length == 2 ? image[1] : "";
  }

  /** A misspelt key is refused by Compose, or worse, means nothing. */
  @Test
  void theComposeFileHasOnlyKeysAndTimesThatComposeKnows() throws IOException {
    JsonNode compose = documents("docker/compose.yaml").get(0);

    assertThat(names(compose)).isSubsetOf("name", "services", "volumes");
    for (JsonNode service : compose.path("services")) {
      assertThat(names(service))
          .isSubsetOf(
              "image",
              "build",
              "command",
              "environment",
              "ports",
              "volumes",
              "depends_on",
              "healthcheck",
              "restart");
      JsonNode check = service.path("healthcheck");
      assertThat(names(check)).isSubsetOf("test", "interval", "timeout", "retries", "start_period");
      assertThat(check.path("test").path(0).asText()).isIn("CMD", "CMD-SHELL");
      assertThat(check.path("retries").isInt()).isTrue();
      for (String time : List.of("interval", "timeout", "start_period")) {
        assertThat(check.path(time).asText("1s")).matches("\\d+s");
      }
      assertThat(service.path("restart").asText("no")).isIn("no", "unless-stopped");
      assertThat(names(service.path("build"))).isSubsetOf("context", "dockerfile");
    }
  }

  private static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  @Test
  void whatTheComposeFileKeepsItKeepsTogether() throws IOException {
    // given
    JsonNode compose = documents("docker/compose.yaml").get(0);
    JsonNode services = compose.path("services");

    // when
    Map<String, String> volumes = new TreeMap<>();
    services
        .properties()
        .forEach(
            service ->
                service
                    .getValue()
                    .path("volumes")
                    .forEach(
                        volume -> {
                          String from = volume.asText().split(":", 2)[0];
                          if (from.startsWith(".")) {
                            assertThat(EXAMPLES.resolve("docker").resolve(from)).isRegularFile();
                          } else {
                            volumes.put(from, service.getKey());
                          }
                        }));

    // then a stream, its group, Connect's offsets and the registry's ids live and die together
    assertThat(volumes).containsOnlyKeys("redis", "kafka", "prometheus", "grafana");
    assertThat(compose.path("volumes").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrderElementsOf(volumes.keySet());
    assertThat(services.path("registry").path("image").asText()).contains("-kafkasql:");
    assertThat(services.path("kafka").path("volumes").path(0).asText())
        .endsWith(":" + services.path("kafka").path("environment").path("KAFKA_LOG_DIRS").asText());
  }

  @Test
  void thePrometheusOfTheComposeFileIsTheExample() throws IOException {
    String example = Files.readString(EXAMPLES.resolve("monitoring/prometheus.yml"));
    String docker = Files.readString(EXAMPLES.resolve("docker/prometheus.yml"));

    assertThat(docker.replaceFirst("#.*\n", ""))
        .isEqualTo(example.replaceFirst("#.*\n", "").replace("localhost:9404", "connect:9404"));
  }
}
