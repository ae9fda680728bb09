/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What the running servers say of their settings, against {@link Deviation}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StockSettingsIT {
  private static final Set<String> PLACE_OF_KAFKA =
      Set.of(
          "process.roles",
          "node.id",
          "broker.id",
          "controller.quorum.voters",
          "listeners",
          "advertised.listeners",
          "controller.listener.names",
          "listener.security.protocol.map",
          "log.dirs");
  private static final Set<String> PLACE_OF_THE_WORKER =
      Set.of("bootstrap.servers", "listeners", "rest.advertised.host.name", "plugin.path");
  private static final Set<String> PLACE_OF_REDIS = Set.of("port", "dir", "bind");

  private Path dir;
  private LocalStack stack;

  @BeforeAll
  void startStack(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) {
    this.dir = dir;
    this.stack = LocalStack.in(dir).withRegistry(false).start();
  }

  @AfterAll
  void closeStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void theBrokerLeavesKafkasDefaultsOnlyWhereTheListSaysSo() throws Exception {
    // when
    Map<String, ConfigEntry> settings = brokerSettings();

    // then
    Set<String> set =
        settings.values().stream()
            .filter(entry -> entry.source() == ConfigSource.STATIC_BROKER_CONFIG)
            .map(ConfigEntry::name)
            .collect(Collectors.toCollection(HashSet::new));
    set.removeAll(PLACE_OF_KAFKA);
    assertThat(set).isEqualTo(Deviation.of(Deviation.Server.KAFKA).keySet());
    for (Deviation deviation : Deviation.values()) {
      if (deviation.server() == Deviation.Server.KAFKA) {
        ConfigEntry entry = Objects.requireNonNull(settings.get(deviation.setting()));
        assertThat(entry.value()).as(entry.name()).isEqualTo(deviation.value());
        assertThat(entry.synonyms())
            .filteredOn(synonym -> synonym.source() == ConfigSource.DEFAULT_CONFIG)
            .extracting(ConfigEntry.ConfigSynonym::value)
            .as("Kafka's own " + entry.name())
            .containsExactly(deviation.stock());
      }
    }
  }

  private Map<String, ConfigEntry> brokerSettings() throws Exception {
    DescribeConfigsOptions withDefaults = new DescribeConfigsOptions().includeSynonyms(true);
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
      Collection<ConfigEntry> entries =
          admin
              .describeConfigs(List.of(broker), withDefaults)
              .all()
              .get(30, TimeUnit.SECONDS)
              .values()
              .stream()
              .flatMap(config -> config.entries().stream())
              .toList();
      return entries.stream().collect(Collectors.toMap(ConfigEntry::name, entry -> entry));
    }
  }

  @Test
  void theWorkerRunsWithTheShippedFile() throws IOException {
    Map<String, String> shipped =
        properties(Path.of("../config-examples/worker/connect-distributed.properties"));

    Map<String, String> given = properties(dir.resolve("connect/connect.properties"));

    shipped.keySet().removeAll(PLACE_OF_THE_WORKER);
    given.keySet().removeAll(PLACE_OF_THE_WORKER);
    assertThat(given).isEqualTo(shipped);
  }

  private static Map<String, String> properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    Map<String, String> texts = new TreeMap<>();
    properties.forEach((name, value) -> texts.put(name.toString(), value.toString()));
    return texts;
  }

  @Test
  void whatTheTestsChangeOfTheShippedWorkerFileIsNotInIt() throws IOException {
    Map<String, String> shipped =
        properties(Path.of("../config-examples/worker/connect-distributed.properties"));

    for (Deviation deviation : Deviation.values()) {
      if (deviation.server() == Deviation.Server.CONNECT_OF_TESTS) {
        assertThat(shipped.getOrDefault(deviation.setting(), deviation.stock()))
            .as(deviation.setting())
            .isEqualTo(deviation.stock());
      }
    }
  }

  @Test
  void redisLeavesItsDefaultsOnlyWhereTheListSaysSo() throws IOException {
    // given
    int port = FreePorts.free();
    Path home = Files.createDirectories(dir.resolve("bare-redis"));
    List<String> bare =
        List.of(
            StackFiles.locate().redisServer().toString(),
            "--port",
            Integer.toString(port),
            "--bind",
            "127.0.0.1");
    Map<String, String> stock;
    try (ServerProcess server =
        new ServerProcess(
            "bare-redis", home, bare, () -> RedisServer.answers(port), Duration.ofSeconds(20))) {
      server.start();
      stock = redisSettings("redis://127.0.0.1:" + port);
    }

    // when
    Map<String, String> given = redisSettings(stack.redis().uri());

    // then
    Map<String, String> changed = new HashMap<>(given);
    changed.entrySet().removeAll(stock.entrySet());
    changed.keySet().removeAll(PLACE_OF_REDIS);
    assertThat(changed).isEqualTo(Deviation.of(Deviation.Server.REDIS));
    for (Deviation deviation : Deviation.values()) {
      if (Set.of(
              Deviation.Server.REDIS,
              Deviation.Server.REPLICAS_OF_TESTS,
              Deviation.Server.CLUSTER_OF_TESTS)
          .contains(deviation.server())) {
        assertThat(stock).containsEntry(deviation.setting(), deviation.stock());
      }
    }
  }

  private static Map<String, String> redisSettings(String uri) {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    AbstractConfig config = new AbstractConfig(def, Map.of(RedisConnectionConfig.URI, uri), false);
    try (RedisConnection connection =
        RedisConnections.of(RedisConnectionConfig.settings(config, "test")).open("any")) {
      Map<String, String> settings = new HashMap<>();
      Replies.map(connection.call(Command.of("CONFIG", "GET", "*")))
          .forEach((name, value) -> settings.put(name, String.valueOf(Replies.text(value))));
      return settings;
    }
  }
}
