/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Both connectors over mutual TLS as ACL users, on a worker that takes every secret from a config
 * provider and logs all that it can: each secret must stay where it is.
 */
@ExtendWith(Stack.class)
class TlsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String REDIS_PASSWORD = "s3cret-of-redis";
  private static final String STORE_PASSWORD = "s3cret-of-stores";
  private static final String GROUP = "claims-processors";

  private static int tlsPort;
  private static Path secrets;
  private static Certificates certificates;
  private static RedisServer server;
  private static Path workerFolder;
  private static ConnectWorker worker;

  private final Stack stack;
  private final String stream = Stack.unique("claims:events");
  private final String written = Stack.unique("claims:analytics");
  private final String source = Stack.unique("source");
  private final String sink = Stack.unique("sink");
  private final Topic topic;

  TlsIT(Stack stack) {
    this.stack = stack;
    this.topic = stack.topic(stream.replace(':', '.'));
  }

  @BeforeAll
  static void startServers(Stack stack) throws IOException {
    Path folder = stack.directory(Stack.unique("tls")).toAbsolutePath();
    certificates = new Certificates(folder, STORE_PASSWORD);
    certificates.make("server");
    certificates.make("client");
    tlsPort = FreePorts.free();
    server =
        RedisServer.start(
            StackFiles.locate(),
            folder.resolve("redis"),
            0,
            certificates.serverConfig(tlsPort, "server", "client"));
    try (Redis redis = new Redis(server.uri())) {
      redis.call("ACL", "SETUSER", "claims", "on", ">" + REDIS_PASSWORD, "~*", "+@all");
    }
    secrets = folder.resolve("secrets.properties");
    Properties values = new Properties();
    values.put("redis", REDIS_PASSWORD);
    values.put("stores", STORE_PASSWORD);
    values.put("wrong", "wrong-" + REDIS_PASSWORD);
    values.put("key", certificates.pem("client.key"));
    try (Writer file = Files.newBufferedWriter(secrets)) {
      values.store(file, null);
    }
    StackFiles files = StackFiles.locate();
    workerFolder = folder.resolve("worker");
    worker =
        stack.worker(
            Path.of(System.getProperty("java.home")),
            files,
            workerFolder,
            Map.of(
                "group.id",
                Stack.unique("tls"),
                "config.providers",
                "file",
                "config.providers.file.class",
                "org.apache.kafka.common.config.provider.FileConfigProvider"));
    worker
        .rest()
        .request(
            "PUT",
            "/admin/loggers/root",
            JsonNodeFactory.instance.objectNode().put("level", "DEBUG"));
  }

  @AfterAll
  static void stopServers() {
    worker.close();
    server.close();
  }

  @AfterEach
  void removeConnectors() {
    worker.rest().delete(source);
    worker.rest().delete(sink);
  }

  @Test
  void certificatesAndKeyAsPem() throws IOException {
    throughBothConnectors(
        Map.of(
            "redis.ssl.truststore.type", "PEM",
            "redis.ssl.truststore.certificates", certificates.pem("server.crt"),
            "redis.ssl.keystore.type", "PEM",
            "redis.ssl.keystore.certificate.chain", certificates.pem("client.crt"),
            "redis.ssl.keystore.key", secret("key")));
  }

  @Test
  void certificatesAndKeyInPkcs12() throws IOException {
    throughBothConnectors(
        Map.of(
            "redis.ssl.truststore.type", "PKCS12",
            "redis.ssl.truststore.location", certificates.file("server-trust.p12"),
            "redis.ssl.truststore.password", secret("stores"),
            "redis.ssl.keystore.type", "PKCS12",
            "redis.ssl.keystore.location", certificates.file("client.p12"),
            "redis.ssl.keystore.password", secret("stores"),
            "redis.ssl.key.password", secret("stores")));
  }

  @Test
  void aPasswordInTheUriIsNotShownEither() throws IOException {
    // given
    ConnectRest connect = worker.rest();
    ObjectNode config = sourceConfig(Map.of());
    config.put("redis.uri", "redis://claims:" + secret("redis") + "@127.0.0.1:" + server.port());
    ObjectNode wrong = config.deepCopy();
    wrong.put("redis.uri", "redis://claims:" + secret("wrong") + "@127.0.0.1:" + server.port());
    ObjectNode broken = config.deepCopy();
    broken.put("redis.uri", "redis://claims:" + secret("redis") + "@127.0.0.1:port, ");

    // when
    JsonNode right = connect.validate(className(config), config.deepCopy().put("name", source));
    JsonNode refused = connect.validate(className(wrong), wrong.deepCopy().put("name", source));
    JsonNode unread = connect.validate(className(broken), broken.deepCopy().put("name", source));

    // then
    assertThat(SettingsIT.wrongKeys(right)).isEmpty();
    assertThat(SettingsIT.wrongKeys(refused)).containsExactly("redis.password");
    assertThat(SettingsIT.wrongKeys(unread)).containsExactly("redis.uri");
    assertNoSecretIn(List.of(right.toString(), refused.toString(), unread.toString()));
  }

  private void throughBothConnectors(Map<String, String> tls) throws IOException {
    // given
    ConnectRest connect = worker.rest();
    stack.createTopics(Map.of(topic.name(), 1));
    Map<String, String> settings = new HashMap<>(tls);
    settings.put("redis.uri", "rediss://127.0.0.1:" + tlsPort);
    settings.put("redis.username", "claims");
    settings.put("redis.password", secret("redis"));
    try (Redis redis = new Redis(server.uri())) {
      List<String> ids = redis.addClaims(stream, 100);

      // when
      connect.createOrUpdate(source, sourceConfig(settings));
      connect.createOrUpdate(sink, sinkConfig(settings));
      connect.awaitRunning(source, PATIENCE);
      connect.awaitRunning(sink, PATIENCE);

      // then
      assertThat(SourceTestBase.streamIds(topic.await(ids.size(), PATIENCE)))
          .containsExactlyElementsOf(ids);
      await().atMost(PATIENCE).until(() -> redis.entries(written).size() == ids.size());
      await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      assertThat(String.valueOf(Replies.text(redis.call("CLIENT", "LIST"))).lines())
          .filteredOn(client -> client.contains("user=claims"))
          .isNotEmpty()
          .allMatch(client -> client.contains("laddr=127.0.0.1:" + tlsPort));

      // and when the server refuses what it took before
      redis.call("ACL", "SETUSER", "claims", "resetpass", ">another");
      redis.call("CLIENT", "KILL", "USER", "claims");
      redis.addClaims(stream, 1);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  Files.readString(workerFolder.resolve("connect.log"))
                      .lines()
                      .anyMatch(
                          line ->
                              line.contains(" WARN ")
                                  && line.contains(source)
                                  && line.contains("WRONGPASS")));
    } finally {
      try (Redis redis = new Redis(server.uri())) {
        redis.call("ACL", "SETUSER", "claims", "resetpass", ">" + REDIS_PASSWORD);
      }
    }
    assertThat(topic.await(101, PATIENCE)).as("with the entry of the refusal").hasSize(101);
    List<String> said = new ArrayList<>();
    for (String connector : List.of(source, sink)) {
      String path = "/connectors/" + connector;
      for (String more : List.of("", "/config", "/status", "/tasks", "/tasks/0/status")) {
        said.add(connect.get(path + more).toString());
      }
      JsonNode config = connect.get(path + "/config");
      said.add(connect.validate(className(config), config).toString());
    }
    said.add(connect.get("/connectors?expand=info&expand=status").toString());
    assertNoSecretIn(said);
  }

  private static void assertNoSecretIn(List<String> said) throws IOException {
    List<String> all = new ArrayList<>(said);
    String log = Files.readString(workerFolder.resolve("connect.log"));
    assertThat(log).contains(" DEBUG ");
    all.add(log);
    String key = certificates.pem("client.key").lines().skip(1).findFirst().orElseThrow();
    for (String text : all) {
      for (String secret : List.of(REDIS_PASSWORD, STORE_PASSWORD, key)) {
        int at = text.indexOf(secret);
        assertThat(at < 0 ? "" : text.substring(Math.max(0, at - 300), at)).isEmpty();
      }
    }
  }

  private static String secret(String name) {
    return "${file:" + secrets + ":" + name + "}";
  }

  private static String className(JsonNode config) {
    return config.get("connector.class").asText();
  }

  private ObjectNode sourceConfig(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("redis.streams", stream);
    return json("claims-source.json", all);
  }

  private ObjectNode sinkConfig(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("topics", topic.name());
    all.put("redis.stream", written);
    all.put("consumer.override.group.id", sink);
    return json("claims-analytics-sink.json", all);
  }

  private ObjectNode json(String example, Map<String, String> settings) {
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    return stack.example(example, settings);
  }
}
