/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.LocalStack;
import io.claimstream.stack.SchemaRegistry;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * One stack of real servers for all tests of a run, with the plugin zip installed. The servers end
 * with this JVM.
 */
public final class Stack implements ParameterResolver {
  static final String CONFLUENT = "org.apache.pulsar.kafka.shade.";

  /** What the workers of these tests do not take from the shipped file. */
  static final Map<String, String> WORKER = Deviation.of(Deviation.Server.CONNECT_OF_TESTS);

  private static final Path DIR = Path.of(System.getProperty("stack.directory", "target/stack"));
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Servers servers;

  /** Made by JUnit for each class; the servers are shared. */
  public Stack() {
    this.servers = Holder.SERVERS;
  }

  private static final class Holder {
    static final Servers SERVERS = start();
  }

  /** What the tests run on, wherever it comes from. */
  interface Servers {
    String redisUri();

    String bootstrapServers();

    SchemaRegistry registry();

    ConnectWorker connect();

    /** The servers as processes that a test may kill; empty if they are none. */
    Optional<LocalStack> processes();
  }

  private record LocalServers(LocalStack local) implements Servers {
    @Override
    public String redisUri() {
      return local.redis().uri();
    }

    @Override
    public String bootstrapServers() {
      return local.kafka().bootstrapServers();
    }

    @Override
    public SchemaRegistry registry() {
      return local.registry();
    }

    @Override
    public ConnectWorker connect() {
      return local.connect();
    }

    @Override
    public Optional<LocalStack> processes() {
      return Optional.of(local);
    }
  }

  private static Servers start() {
    Path plugins = installPlugins(DIR);
    return Boolean.getBoolean("docker")
        ? ContainerServers.start(DIR, plugins)
        : new LocalServers(LocalStack.in(DIR).pluginPath(plugins).worker(WORKER).start());
  }

  /** Empties a folder for servers, and returns the plugin folder in it, with all plugins. */
  public static Path installPlugins(Path dir) {
    try {
      deleteRecursively(dir);
      Path plugins = dir.resolve("plugins");
      Files.createDirectories(plugins);
      LocalStack.installPlugin(Path.of(System.getProperty("plugin.zip", "")), plugins);
      Path confluent = plugins.resolve("confluent-avro");
      copy(property("plugins.confluent"), confluent);
      manifest(
          confluent.resolve("manifest.jar"), CONFLUENT + "io.confluent.connect.avro.AvroConverter");
      Path apicurio = plugins.resolve("apicurio-avro");
      copy(StackFiles.locate().avroConverter(), apicurio);
      manifest(
          apicurio.resolve("manifest.jar"), "io.apicurio.registry.utils.converter.AvroConverter");
      copy(property("plugins.debezium"), plugins.resolve("debezium-jdbc"));
      return plugins;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteRecursively(Path dir) throws IOException {
    if (Files.exists(dir)) {
      try (Stream<Path> paths = Files.walk(dir)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static Path property(String name) {
    return Path.of(System.getProperty(name, ""));
  }

  private static void copy(Path from, Path plugin) throws IOException {
    Files.createDirectories(plugin);
    try (Stream<Path> jars = Files.list(from)) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, plugin.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** A jar that names a converter for {@code plugin.discovery=service_load}, as none is shipped. */
  static void manifest(Path jarFile, String converter) throws IOException {
    try (OutputStream file = Files.newOutputStream(jarFile);
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(
          new ZipEntry("META-INF/services/org.apache.kafka.connect.storage.Converter"));
      jar.write(converter.getBytes(StandardCharsets.UTF_8));
      jar.closeEntry();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stack.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return this;
  }

  /** The servers as processes, for tests that kill them; without them the test is passed over. */
  LocalStack servers() {
    return servers
        .processes()
        .orElseThrow(() -> new TestAbortedException("kills servers: not with -Pdocker"));
  }

  /** A folder for a test's own servers. */
  Path directory(String name) {
    return DIR.resolve(name);
  }

  /** The lines of the worker's log that hold all these words. */
  List<String> log(String... words) {
    try (Stream<String> lines = Files.lines(DIR.resolve("connect/connect.log"))) {
      return lines.filter(line -> Arrays.stream(words).allMatch(line::contains)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ConnectRest connect() {
    return servers.connect().rest();
  }

  /** Host and port of the worker's REST API. */
  String connectAddress() {
    return URI.create(servers.connect().url()).getAuthority();
  }

  SchemaRegistry registry() {
    return servers.registry();
  }

  String bootstrapServers() {
    return servers.bootstrapServers();
  }

  void createTopics(Map<String, Integer> partitions) {
    Topics.create(servers.bootstrapServers(), partitions);
  }

  /** What the worker has logged so far. */
  String workerLog() {
    try {
      return Files.readString(DIR.resolve("connect/connect.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another worker; of the same cluster unless it is given a {@code group.id} of its own. */
  ConnectWorker worker(Map<String, String> overrides) {
    return ConnectWorker.start(
        StackFiles.locate(),
        DIR.resolve(unique("worker")),
        0,
        servers.bootstrapServers(),
        DIR.resolve("plugins"),
        workerSettings(overrides));
  }

  /** A worker with the plugins of another plugin path. */
  ConnectWorker worker(Path plugins, Map<String, String> overrides) {
    return ConnectWorker.start(
        StackFiles.locate(),
        DIR.resolve(unique("worker")),
        0,
        servers.bootstrapServers(),
        plugins,
        workerSettings(overrides));
  }

  private static Map<String, String> workerSettings(Map<String, String> overrides) {
    Map<String, String> settings = new HashMap<>(WORKER);
    settings.putAll(overrides);
    return settings;
  }

  /** A worker of a cluster of its own, with these options of its JVM. */
  ConnectWorker workerWithJvm(List<String> options) {
    return ConnectWorker.start(
        Path.of(System.getProperty("java.home")),
        StackFiles.locate(),
        DIR.resolve(unique("worker")),
        0,
        servers.bootstrapServers(),
        DIR.resolve("plugins"),
        workerSettings(Map.of("group.id", unique("monitored"))),
        options);
  }

  /** A worker of another version or JDK, in that folder, with the same plugins. */
  ConnectWorker worker(
      Path javaHome, StackFiles files, Path folder, Map<String, String> overrides) {
    return ConnectWorker.start(
        javaHome,
        files,
        folder,
        0,
        servers.bootstrapServers(),
        DIR.resolve("plugins"),
        workerSettings(overrides));
  }

  /** A new connection to Redis. */
  Redis redis() {
    return new Redis(servers.redisUri());
  }

  Topic topic(String name) {
    return new Topic(servers.bootstrapServers(), name);
  }

  /** A name that no other test has. */
  static String unique(String what) {
    return what + '-' + UUID.randomUUID().toString().substring(0, 8);
  }

  /** An example's configuration with this stack's addresses and folders and the given settings. */
  ObjectNode example(String file, Map<String, String> settings) {
    ObjectNode config = shipped(file);
    config.put("redis.uri", servers.redisUri());
    if (config.has("value.converter.apicurio.registry.url")) {
      config.put("value.converter.apicurio.registry.url", servers.registry().apicurioUrl());
    }
    if (config.has("value.converter.schema.registry.url")) {
      String delegate = "value.converter.delegate";
      config.put(delegate, CONFLUENT + config.get(delegate).asText());
      config.put("value.converter.schema.registry.url", servers.registry().confluentUrl());
    }
    String schemas = config.path("event.schemas").asText();
    if (schemas.startsWith("/etc/claimstream/")) {
      Path folder =
          Path.of(System.getProperty("examples", ""), Path.of(schemas).toFile().getName());
      config.put("event.schemas", folder.toAbsolutePath().toString());
    }
    settings.forEach(config::put);
    return config;
  }

  /** An example's configuration as it is shipped. */
  public static ObjectNode shipped(String file) {
    try {
      JsonNode body = JSON.readTree(Path.of(System.getProperty("examples", ""), file).toFile());
      return ((ObjectNode) body.get("config")).deepCopy();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Posts a connector and waits until it and its tasks run. */
  String run(String name, ObjectNode config) {
    connect().createOrUpdate(name, config);
    connect().awaitRunning(name, PATIENCE);
    return name;
  }
}
