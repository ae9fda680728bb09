/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The whole stack is started once; the last test closes it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalStackIT {
  private static final String AVRO_CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter";

  private final ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
  private final int jmxPort = FreePorts.free();
  private List<ProcessHandle> childrenOfOtherTests;
  private LocalStack stack;

  @BeforeAll
  void startStack(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) {
    childrenOfOtherTests = ProcessHandle.current().children().toList();
    stack =
        LocalStack.in(dir)
            .progress(progress::add)
            .workerJvm(LoopbackJmx.jvmOptions(dir, jmxPort))
            .start();
  }

  @AfterAll
  void closeStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void findsTheCollectedServersFromTheWorkingDirectory() {
    StackFiles files = StackFiles.locate();

    assertThat(files.redisServer()).isExecutable();
    assertThat(files.registryJar()).isRegularFile();
    assertThat(files.kafkaLibs()).isDirectoryContaining("glob:**/connect-runtime-*.jar");
    assertThat(files.avroConverter())
        .isDirectoryContaining("glob:**/apicurio-registry-utils-converter-*.jar")
        .isDirectoryNotContaining("glob:**/kafka-clients-*.jar");
  }

  @Test
  void reportsWhenEachServerIsReady() {
    assertThat(progress)
        .hasSize(4)
        .anyMatch(line -> line.matches("Redis ready in \\d+\\.\\d s"))
        .anyMatch(line -> line.startsWith("Kafka ready"))
        .anyMatch(line -> line.startsWith("Schema registry ready"))
        .anyMatch(line -> line.startsWith("Connect ready"));
  }

  @Test
  void listensOnLoopbackOnly() throws IOException {
    assumeTrue(ListeningSockets.areKnown());

    List<String> sockets = ListeningSockets.of(servers());

    assertThat(sockets).hasSizeGreaterThanOrEqualTo(6).allMatch(ListeningSockets::isLoopback);
  }

  @Test
  void offersTheMBeansOfTheWorker() throws Exception {
    assertThat(workersOverJmx()).isEqualTo(1);
  }

  @Test
  void loadsTheAvroConverterBesidesThePluginPath() {
    assertThat(stack.connect().rest().plugins())
        .extracting(plugin -> plugin.path("class").asText())
        .contains(AVRO_CONVERTER);
  }

  @Test
  void createsTopicsOnce() throws Exception {
    stack.createTopics(Map.of("claims", 3, "claims.dlq", 1));
    stack.createTopics(Map.of("claims", 3));

    assertThat(partitionsOf("claims")).isEqualTo(3);
    assertThat(partitionsOf("claims.dlq")).isEqualTo(1);
  }

  @Test
  void reportsWhatConnectAnswersToABadRequest() {
    ConnectRest rest = stack.connect().rest();

    assertThatThrownBy(() -> rest.status("no-such"))
        .isInstanceOf(StackException.class)
        .hasMessage(
            "GET /connectors/no-such/status answered 404:"
                + " No status found for connector no-such");
    assertThat(rest.request("GET", "/connectors/no-such", null).status()).isEqualTo(404);
  }

  @Test
  void saysThatAConnectorDoesNotRun() {
    ConnectRest rest = stack.connect().rest();

    assertThatThrownBy(() -> rest.awaitRunning("no-such", Duration.ofMillis(300)))
        .isInstanceOf(StackException.class)
        .hasMessageStartingWith("no-such is not running after");
  }

  @Test
  void validatesAConfiguration() {
    JsonNode config = JsonNodeFactory.instance.objectNode().put("name", "heartbeat");

    assertThatThrownBy(() -> stack.connect().rest().validate("io.example.None", config))
        .isInstanceOf(StackException.class)
        .hasMessageStartingWith("PUT /connector-plugins/io.example.None/config/validate answered");
  }

  @Test
  void registryKeepsItsSubjectsAndIdsWhenKilled() throws IOException {
    String schema = "{\"schema\":\"{\\\"type\\\":\\\"string\\\"}\"}";
    String uri = stack.registry().confluentUrl() + "/subjects/claims-value/versions";
    HttpResponse<String> before = Http.send("POST", uri, schema, Http.TIMEOUT);

    stack.registry().kill();
    stack.registry().restart();

    assertThat(stack.registry().subjects()).containsExactly("claims-value");
    assertThat(before.statusCode()).isEqualTo(200);
    assertThat(Http.send("POST", uri, schema, Http.TIMEOUT).body()).isEqualTo(before.body());
  }

  @Test
  @Order(Integer.MAX_VALUE - 1)
  void kafkaAndConnectComeBackWhenKilled() throws Exception {
    stack.createTopics(Map.of("survivor", 2));

    stack.connect().kill();
    stack.kafka().kill();
    stack.kafka().restart();
    stack.connect().restart();

    assertThat(partitionsOf("survivor")).isEqualTo(2);
    assertThat(stack.connect().rest().get("/connectors")).isEmpty();
    assertThat(workersOverJmx()).isEqualTo(1);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void leavesNoProcessBehind() {
    List<ProcessHandle> servers = servers();

    stack.close();

    assertThat(servers).hasSize(4).noneMatch(ProcessHandle::isAlive);
    assertThat(servers()).isEmpty();
  }

  private List<ProcessHandle> servers() {
    return ProcessHandle.current()
        .children()
        .filter(child -> !childrenOfOtherTests.contains(child))
        .toList();
  }

  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  private int workersOverJmx() throws Exception {
    ObjectName worker = new ObjectName("kafka.connect:type=connect-worker-metrics");
    try (JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(jmxPort))) {
      return jmx.getMBeanServerConnection().queryNames(worker, null).size();
    }
  }

  private int partitionsOf(String topic) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", stack.kafka().bootstrapServers());
    try (Admin admin = Admin.create(config)) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get(30, TimeUnit.SECONDS)
          .values()
          .stream()
          .mapToInt(description -> description.partitions().size())
          .sum();
    }
  }
}
