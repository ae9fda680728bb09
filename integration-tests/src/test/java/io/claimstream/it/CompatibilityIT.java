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
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The same zip on other Connect workers, JDKs and Redis servers: the oldest of each, and all of
 * them with {@code -Pcompat}. The broker stays the one of this build.
 */
@ExtendWith(Stack.class)
class CompatibilityIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final boolean ALL = Boolean.getBoolean("compat");
  private static final Path SERVERS = Path.of(System.getProperty("servers", ""));
  private static final Path JDK_25 = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64");
  private static final String GROUP = "claims-processors";
  private static final int ENTRIES = 200;

  private static final Map<String, RedisServer> STARTED = new TreeMap<>();

  private final Stack stack;

  CompatibilityIT(Stack stack) {
    this.stack = stack;
  }

  /** A worker's class path, and the JDK it runs on. */
  private record Platform(String name, Path libs, Path jdk) {}

  @AfterAll
  static void stopServers() {
    STARTED.values().forEach(RedisServer::close);
  }

  @TestFactory
  Stream<DynamicTest> thePluginDoesItsWorkOn() {
    return platforms()
        .flatMap(
            platform ->
                Stream.concat(
                    servers().map(server -> on(platform, server)),
                    Stream.of(
                        DynamicTest.dynamicTest(
                            "and stops: " + platform.name(), () -> stopWorker(platform)))));
  }

  private static Stream<Platform> platforms() {
    Path jdk = Path.of(System.getProperty("java.home"));
    Platform oldest = new Platform("Connect 3.6", connect("3.6"), jdk);
    if (!ALL) {
      return Stream.of(oldest);
    }
    Path newest = StackFiles.locate().kafkaLibs();
    return Stream.of(
        oldest,
        new Platform("Connect 3.9", connect("3.9"), jdk),
        new Platform("Connect 4.0", connect("4.0"), jdk),
        new Platform("Connect 4.3", newest, jdk),
        new Platform("Connect 4.3 on JDK 25", newest, JDK_25));
  }

  private static Path connect(String version) {
    return SERVERS.resolve("connect-" + version + "/target/stack/connect");
  }

  private static Stream<String> servers() {
    return ALL
        ? Stream.of("Redis 6.2", "Redis 7.0", "Redis 8", "Valkey 8")
        : Stream.of("Redis 6.2");
  }

  private static Path executable(String server) {
    return switch (server) {
      case "Redis 6.2" -> onThisMachine(SERVERS.resolve("redis/target/stack/redis-6.2"));
      case "Redis 7.0" -> onThisMachine(SERVERS.resolve("redis/target/stack/redis"));
      case "Redis 8" -> SERVERS.resolve("debian/target/stack/redis-8/redis-server");
      case "Valkey 8" -> SERVERS.resolve("debian/target/stack/valkey-8/valkey-server");
      default -> throw new IllegalArgumentException(server);
    };
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

  private DynamicTest on(Platform platform, String server) {
    return DynamicTest.dynamicTest(
        platform.name() + " with " + server,
        () -> {
          Assumptions.assumeTrue(
              Files.isDirectory(platform.jdk()), () -> "no JDK in " + platform.jdk());
          Assumptions.assumeTrue(
              Files.exists(executable(server)), () -> "no " + executable(server));
          doItsWork(worker(platform).rest(), redis(server), platform, server);
        });
  }

  private RedisServer redis(String name) {
    return STARTED.computeIfAbsent(
        name,
        n -> {
          StackFiles found = StackFiles.locate();
          return RedisServer.start(
              new StackFiles(
                  found.kafkaLibs(), executable(n), found.registryHome(), found.avroConverter()),
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
          StackFiles found = StackFiles.locate();
          Path folder = stack.directory(Stack.unique("compat-worker"));
          folders.put(name, folder);
          return stack.worker(
              platform.jdk(),
              new StackFiles(
                  platform.libs(),
                  found.redisServer(),
                  found.registryHome(),
                  found.avroConverter()),
              folder,
              Map.of("group.id", Stack.unique("compat")));
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
    Topic topic = stack.topic(stream.replace(':', '.'));
    stack.createTopics(Map.of(topic.name(), 1));
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
          platform.name(),
          connect.get("/").path("version").asText(),
          name,
          Replies.map(redis.call("HELLO", 2)).entrySet().stream()
              .filter(each -> each.getKey().equals("version"))
              .map(each -> Replies.text(each.getValue()))
              .findFirst()
              .orElse("?"));
    } finally {
      connect.delete(source);
      connect.delete(sink);
    }
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
