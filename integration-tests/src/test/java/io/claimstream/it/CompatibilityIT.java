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
import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.SchemaRegistry;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same zip on other Connect workers, JDKs, brokers and Redis servers: the oldest of each, and
 * all of them with {@code -Pcompat}.
 */
@ExtendWith(Stack.class)
class CompatibilityIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final boolean ALL = Boolean.getBoolean("compat");
  private static final Path SERVERS = Path.of(System.getProperty("servers", ""));
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  /** A regular expression that part of a combination's name matches; empty for all. */
  private static final Predicate<String> ONLY =
      Pattern.compile(System.getProperty("compat.only", "")).asPredicate();

  private static final String GROUP = "claims-processors";
  private static final int ENTRIES = 200;

  private static final Map<String, RedisServer> STARTED = new TreeMap<>();
  private static final Map<Path, KafkaBroker> BROKERS = new HashMap<>();

  private final Stack stack;

  CompatibilityIT(Stack stack) {
    this.stack = stack;
  }

  /**
   * A worker's class path, the JDK that it runs on, and the class path of its broker: none for the
   * broker of this build.
   */
  private record Platform(String name, Path libs, Path jdk, Optional<Path> broker) {
    Platform(String name, Path libs) {
      this(name, libs, JDK, Optional.empty());
    }

    Platform on(String jdk) {
      Path folder = Path.of(jdk);
      return new Platform(name + " on " + folder.getFileName(), libs, folder, broker);
    }

    Platform with(String otherName, Path otherBroker) {
      return new Platform(name + " and broker " + otherName, libs, jdk, Optional.of(otherBroker));
    }

    boolean isHere() {
      return Files.isDirectory(jdk) && Files.isDirectory(libs);
    }
  }

  @AfterAll
  static void stopServers() {
    STARTED.values().forEach(RedisServer::close);
    BROKERS.values().forEach(KafkaBroker::close);
  }

  @TestFactory
  Stream<DynamicTest> thePluginDoesItsWorkOn() {
    return platforms()
        .flatMap(
            platform ->
                Stream.concat(
                    servers().entrySet().stream()
                        .filter(server -> ONLY.test(platform.name() + " with " + server.getKey()))
                        .map(server -> on(platform, server.getKey(), server.getValue())),
                    Stream.of(
                        DynamicTest.dynamicTest(
                            "and stops: " + platform.name(), () -> stopWorker(platform)))));
  }

  /** Apicurio 3 needs Java 21 or newer: the first of the other JDKs. */
  @ParameterizedTest
  @CsvSource({
    "claims-source.json, claims-analytics-sink.json",
    "claims-source-confluent.json, claims-analytics-sink.json"
  })
  void theConvertersDoTheirWorkWithANewerSchemaRegistry(String source, String sink) {
    Path home = SERVERS.resolve("registry-3/target/stack/registry");
    Optional<Path> jdk = list("compat.jdks").map(Path::of).filter(Files::isDirectory).findFirst();
    Assumptions.assumeTrue(ALL && Files.isDirectory(home) && jdk.isPresent());
    String stream = Stack.unique("claims:events");
    String written = Stack.unique("claims:analytics");
    Topic topic = stack.topic(stream.replace(':', '.'));
    stack.createTopics(Map.of(topic.name(), 1));
    StackFiles found = StackFiles.locate();
    StackFiles files =
        new StackFiles(found.kafkaLibs(), found.redisServer(), home, found.avroConverter());
    Path folder = stack.directory(Stack.unique("compat-registry"));
    try (SchemaRegistry registry = SchemaRegistry.start(jdk.orElseThrow(), files, folder, 0);
        Redis redis = stack.redis()) {
      // given
      List<String> ids = redis.addClaims(stream, ENTRIES);
      ObjectNode reader = with(registry, stack.example(source, Map.of("redis.streams", stream)));
      ObjectNode writer = stack.example(sink, Map.of("topics", topic.name()));
      writer.put("redis.stream", written);
      reader
          .properties()
          .forEach(
              each -> {
                if (each.getKey().startsWith("value.converter")) {
                  writer.set(each.getKey(), each.getValue());
                }
              });

      // when
      String reads = stack.run(Stack.unique("source"), reader);
      String writes = stack.run(Stack.unique("sink"), writer);

      // then
      assertThat(written(redis, written, ids.size())).containsExactlyElementsOf(ids);
      assertThat(registry.subjects()).contains(topic.name() + "-value");
      stack.connect().delete(reads);
      stack.connect().delete(writes);
    }
  }

  private static ObjectNode with(SchemaRegistry registry, ObjectNode config) {
    Map.of(
            "value.converter.apicurio.registry.url",
            registry.apicurioUrl(),
            "value.converter.schema.registry.url",
            registry.confluentUrl())
        .forEach(
            (setting, url) -> {
              if (config.has(setting)) {
                config.put(setting, url);
              }
            });
    return config;
  }

  private static Stream<Platform> platforms() {
    Platform oldest = new Platform("Connect 3.6", connect("3.6"));
    if (!ALL) {
      return Stream.of(oldest);
    }
    Platform ofThisBuild = new Platform("Connect 4.3", StackFiles.locate().kafkaLibs());
    return Stream.of(
            Stream.of(oldest),
            Stream.of("3.9", "4.0", "4.1", "4.2").map(CompatibilityIT::platform),
            Stream.of(ofThisBuild),
            list("compat.jdks").map(ofThisBuild::on),
            Stream.of(
                platform("4.4"),
                platform("3.9").with("3.9", connect("3.9")),
                ofThisBuild.with("3.9", connect("3.9")),
                ofThisBuild.with("4.4", connect("4.4")),
                platform("4.4").with("4.4", connect("4.4"))))
        .flatMap(Function.identity());
  }

  private static Platform platform(String version) {
    return new Platform("Connect " + version, connect(version));
  }

  private static Path connect(String version) {
    return SERVERS.resolve("connect-" + version + "/target/stack/connect");
  }

  /** Returns the executable of each server by its name. */
  private static Map<String, Path> servers() {
    Map<String, Path> servers = new LinkedHashMap<>();
    servers.put("Redis 6.2", onThisMachine(SERVERS.resolve("redis/target/stack/redis-6.2")));
    if (ALL) {
      servers.put("Redis 7.0", onThisMachine(SERVERS.resolve("redis/target/stack/redis")));
      servers.put("Redis 8.0", built("redis-8.0"));
      servers.put("Redis 8.6", built("redis-8.6"));
      servers.put("Valkey 8", built("valkey-8"));
      servers.put("Valkey 9", built("valkey-9"));
      list("compat.redis").forEach(path -> servers.put(path, Path.of(path)));
    }
    return servers;
  }

  private static Path built(String name) {
    return SERVERS.resolve("debian/target/stack").resolve(name).resolve("redis-server");
  }

  private static Stream<String> list(String property) {
    return Stream.of(System.getProperty(property, "").split(","))
        .map(String::strip)
        .filter(each -> !each.isEmpty());
  }

  private static Path onThisMachine(Path folder) {
    String system =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
            ? "darwin"
            : "linux";
    String processor = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "redis-server-*-" + system + '-' + processor)) {
      Path executable = files.iterator().next();
      assertThat(executable.toFile().setExecutable(true)).isTrue();
      return executable;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DynamicTest on(Platform platform, String server, Path executable) {
    return DynamicTest.dynamicTest(
        platform.name() + " with " + server,
        () -> {
          Assumptions.assumeTrue(platform.isHere(), () -> "not here: " + platform);
          Assumptions.assumeTrue(Files.exists(executable), () -> "no " + executable);
          doItsWork(worker(platform).rest(), redis(server, executable), platform, server);
        });
  }

  /** Returns the address of the platform's broker. */
  private String kafka(Platform platform) {
    return platform
        .broker()
        .map(
            libs ->
                BROKERS
                    .computeIfAbsent(
                        libs,
                        l ->
                            KafkaBroker.start(
                                files(l), stack.directory(Stack.unique("compat-kafka")), 0))
                    .bootstrapServers())
        .orElseGet(stack::bootstrapServers);
  }

  private static StackFiles files(Path kafkaLibs) {
    StackFiles found = StackFiles.locate();
    return new StackFiles(
        kafkaLibs, found.redisServer(), found.registryHome(), found.avroConverter());
  }

  private RedisServer redis(String name, Path executable) {
    return STARTED.computeIfAbsent(
        name,
        n -> {
          StackFiles found = StackFiles.locate();
          return RedisServer.start(
              new StackFiles(
                  found.kafkaLibs(), executable, found.registryHome(), found.avroConverter()),
              stack.directory(Stack.unique("compat-redis")),
              0);
        });
  }

  private final Map<String, ConnectWorker> workers = new HashMap<>();
  private final Map<String, Path> folders = new HashMap<>();

  private ConnectWorker worker(Platform platform) {
    return workers.computeIfAbsent(
        platform.name(),
        name -> {
          Path folder = stack.directory(Stack.unique("compat-worker"));
          folders.put(name, folder);
          return stack.worker(
              platform.jdk(),
              files(platform.libs()),
              folder,
              Map.of("group.id", Stack.unique("compat"), "bootstrap.servers", kafka(platform)));
        });
  }

  private void stopWorker(Platform platform) throws IOException {
    Optional<ConnectWorker> worker = Optional.ofNullable(workers.remove(platform.name()));
    Assumptions.assumeTrue(worker.isPresent(), "was not started");
    worker.orElseThrow().close();
    Path folder = folders.getOrDefault(platform.name(), Path.of(""));
    try (Stream<String> log = Files.lines(folder.resolve("connect.log"))) {
      assertThat(log)
          .noneMatch(
              line ->
                  line.contains("NoSuchMethodError")
                      || line.contains("NoClassDefFoundError")
                      || line.contains("AbstractMethodError")
                      || line.contains("IncompatibleClassChangeError"));
    }
  }

  private void doItsWork(ConnectRest connect, RedisServer server, Platform platform, String name) {
    String stream = Stack.unique("claims:events");
    String failed = Stack.unique("claims:failed");
    String written = Stack.unique("claims:analytics");
    String source = Stack.unique("source");
    String sink = Stack.unique("sink");
    Topic topic = new Topic(kafka(platform), stream.replace(':', '.'));
    Topics.create(kafka(platform), Map.of(topic.name(), 1));
    try (Redis redis = new Redis(server.uri())) {
      // given
      List<String> ids = new ArrayList<>(redis.addClaims(stream, ENTRIES));
      redis.add(stream, "type", "t", "claim_id", "c", "amount", "much");

      // when
      run(connect, source, "claims-source.json", sourceSettings(server, stream, failed));
      run(connect, sink, "claims-analytics-sink.json", sinkSettings(server, topic, written, sink));
      ids.addAll(redis.addClaims(stream, ENTRIES));

      // then
      assertThat(SourceTestBase.streamIds(topic.await(ids.size(), PATIENCE)))
          .containsExactlyElementsOf(ids);
      await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      assertThat(redis.entries(failed)).hasSize(1);
      assertThat(written(redis, written, ids.size())).containsExactlyElementsOf(ids);

      // and when everything is asked for once more
      connect.stop(source);
      awaitStopped(connect, source);
      assertThat(wrongOffset(connect, source)).isEqualTo(400);
      connect.deleteOffsets(source);
      connect.resume(source);

      // then
      List<String> twice = new ArrayList<>(ids);
      twice.addAll(ids);
      assertThat(SourceTestBase.streamIds(topic.await(twice.size(), PATIENCE)))
          .containsExactlyElementsOf(twice);
      assertThat(written(redis, written, twice.size())).containsExactlyElementsOf(twice);
      assertThat(wrongKeys(connect, server, stream)).containsExactly("redis.password");
      System.out.printf(
          "compatibility: %s (%s) with %s (%s)%n",
          platform.name(), connect.get("/").path("version").asText(), name, version(redis));
    } finally {
      connect.delete(source);
      connect.delete(sink);
    }
  }

  /** Valkey gives its own version beside the one of the Redis that it came from. */
  private static String version(Redis redis) {
    Map<String, String> info =
        String.valueOf(Replies.text(redis.call("INFO", "server")))
            .lines()
            .filter(line -> line.contains(":"))
            .map(line -> line.split(":", 2))
            .collect(Collectors.toMap(each -> each[0], each -> each[1]));
    return info.getOrDefault("valkey_version", info.getOrDefault("redis_version", "?"));
  }

  private void run(ConnectRest connect, String name, String example, Map<String, String> settings) {
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    connect.createOrUpdate(name, stack.example(example, settings));
    connect.awaitRunning(name, PATIENCE);
  }

  private static Map<String, String> sourceSettings(
      RedisServer server, String stream, String failed) {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.uri", server.uri());
    settings.put("redis.streams", stream);
    settings.put("redis.failed.stream", failed);
    settings.put("errors.tolerance", "all");
    settings.put("exactly.once.support", "required");
    return settings;
  }

  private static Map<String, String> sinkSettings(
      RedisServer server, Topic topic, String stream, String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.uri", server.uri());
    settings.put("topics", topic.name());
    settings.put("redis.stream", stream);
    settings.put("redis.stream.max.length", "100000");
    settings.put("consumer.override.group.id", name);
    return settings;
  }

  private static List<String> written(Redis redis, String stream, int count) {
    await()
        .atMost(PATIENCE)
        .until(() -> redis.call("XLEN", stream) instanceof Long n && n >= count);
    return redis.entries(stream).stream()
        .map(entry -> String.valueOf(Redis.fields(entry).get("stream_id")))
        .toList();
  }

  private static void awaitStopped(ConnectRest connect, String name) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(
            () -> {
              JsonNode status = connect.status(name);
              return status.path("connector").path("state").asText().equals("STOPPED")
                  && status.path("tasks").isEmpty();
            });
  }

  /** The status of a request for offsets that names no consumer; the class of 400 is Connect's. */
  private static int wrongOffset(ConnectRest connect, String source) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.putArray("offsets").addObject();
    entry.putObject("partition").put("stream", "s");
    entry.putObject("offset").put("id", "0-0");
    return connect.request("PATCH", "/connectors/" + source + "/offsets", body).status();
  }

  private List<String> wrongKeys(ConnectRest connect, RedisServer server, String stream) {
    JsonNode validation =
        connect.validate(
            "io.claimstream.connect.source.RedisStreamSourceConnector",
            stack
                .example(
                    "claims-source.json",
                    Map.of(
                        "redis.uri",
                        server.uri(),
                        "redis.streams",
                        stream,
                        "redis.username",
                        "nobody",
                        "redis.password",
                        "wrong"))
                .put("name", "x"));
    return List.copyOf(new HashSet<>(SettingsIT.wrongKeys(validation)));
  }
}
