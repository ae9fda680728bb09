/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.LocalStack;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The install of docs/getting-started.md: the shipped worker file, the zip and the converters as
 * their makers publish them, brought by the documented command, in an otherwise empty plugin path.
 */
@ExtendWith(Stack.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishedConvertersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Path EXAMPLES = Path.of(System.getProperty("examples", ""));
  private static final String DOCUMENTED_PATH = "/usr/local/share/kafka/plugins";
  private static final String DELEGATE = "value.converter.delegate";

  /** What a user has to change in the shipped file, and what one test cluster shares. */
  private static final List<String> ADDRESSES =
      List.of("bootstrap.servers", "listeners", "plugin.path", "group.id");

  private final Stack stack;
  private final String group = Stack.unique("published");
  private Path plugins;
  private Path workerLog;
  private ConnectWorker worker;

  PublishedConvertersIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  void installAsThePageSays() throws Exception {
    plugins = Files.createDirectories(stack.directory(group).resolve("plugins"));
    LocalStack.installPlugin(Path.of(System.getProperty("plugin.zip", "")), plugins);
    run(documentedCommand().replace(DOCUMENTED_PATH, plugins.toString()));
    // Confluent's come from its Hub, which is out of reach here: the same code from Maven Central
    copy(Path.of(System.getProperty("plugins.confluent", "")), plugins.resolve("confluent"));
    String registryConverter = documented("tar -xf ").replace(DOCUMENTED_PATH, plugins.toString());
    run("bash", "-c", registryConverter);
    run("bash", "-c", registryConverter.replace("apicurio-avro-converter", "confluent"));
    Path folder = Files.createDirectories(stack.directory(group).resolve("worker"));
    workerLog = folder.resolve("connect.log");
    Path java = Path.of(System.getProperty("java.home"));
    worker = stack.worker(java, StackFiles.locate(), folder, settings());
  }

  @AfterAll
  void endTheWorker() {
    if (worker != null) {
      worker.close();
    }
  }

  /** The command of the page, with this checkout's Maven and file. */
  private static String documentedCommand() throws IOException {
    Path file = EXAMPLES.resolve("worker/avro-converter.xml").toAbsolutePath().normalize();
    return documented("mvn -f avro-converter.xml ")
        .replaceFirst("^mvn ", Path.of("../mvnw").toAbsolutePath().normalize() + " -B -q ")
        .replaceFirst("avro-converter.xml", file.toString());
  }

  /** The only command of the page that begins so. */
  private static String documented(String beginning) throws IOException {
    List<String> commands =
        Files.readAllLines(Path.of("../docs/getting-started.md")).stream()
            .filter(line -> line.startsWith(beginning))
            .toList();
    assertThat(commands).as(beginning).hasSize(1);
    return commands.get(0);
  }

  private static void run(String command) throws IOException, InterruptedException {
    run(command.split(" +"));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as("%s\n%s", List.of(command), output).isZero();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> jars = Files.list(from)) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, to.resolve(jar.getFileName()));
      }
    }
  }

  /** The shipped file, but for addresses; its topics are those of this worker alone. */
  private Map<String, String> settings() throws IOException {
    Properties shipped = new Properties();
    try (Reader file =
        Files.newBufferedReader(EXAMPLES.resolve("worker/connect-distributed.properties"))) {
      shipped.load(file);
    }
    Map<String, String> settings = new HashMap<>();
    shipped.forEach((key, value) -> settings.put(key.toString(), value.toString()));
    settings.keySet().removeAll(ADDRESSES);
    settings.replaceAll((key, value) -> key.endsWith(".storage.topic") ? group + value : value);
    settings.put("group.id", group);
    settings.put("plugin.path", plugins.toAbsolutePath().toString());
    return settings;
  }

  @Test
  void theFolderHoldsThePublishedConverterAndNothingThatTheWorkerGives() throws IOException {
    try (Stream<Path> jars = Files.list(plugins.resolve("apicurio-avro-converter"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .anyMatch(jar -> jar.startsWith("apicurio-registry-utils-converter-"))
          .anyMatch(jar -> jar.startsWith("claimstream-registry-converter-"))
          .noneMatch(jar -> jar.matches("(connect-|kafka-|slf4j-|services).*"));
    }
  }

  @Test
  void theWorkerFindsNothingToComplainAboutInTheInstalledFolders() {
    assertThat(worker.rest().plugins())
        .extracting(plugin -> plugin.path("class").asText())
        .contains("io.claimstream.connect.converter.RegistryConverter");
    assertThat(log())
        .noneMatch(line -> line.contains("claimstream") && line.matches(".* (WARN|ERROR) .*"));
  }

  private List<String> log() {
    try {
      return Files.readAllLines(workerLog);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-confluent"})
  void anEventAndAFigureGoThroughWithThePublishedConverter(String converter) {
    String stream = Stack.unique("published");
    String target = Stack.unique("target");
    String source = Stack.unique("source");
    String sink = Stack.unique("sink");
    stack.createTopics(Map.of(stream, 1));
    try (Redis redis = stack.redis()) {
      redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-1", "amount", "1");

      // when
      post(source, "claims-source" + converter + ".json", Map.of("redis.streams", stream));
      post(
          sink,
          "claims-analytics-sink" + converter + ".json",
          Map.of(
              "topics", stream,
              "redis.stream", target,
              "errors.deadletterqueue.topic.name", stream + ".failed",
              "consumer.override.group.id", sink));

      // then
      await().atMost(PATIENCE).until(() -> redis.entries(target).size() == 1);
      assertThat(Redis.fields(redis.entries(target).get(0)))
          .containsEntry("claim_id", "CLM-1")
          .containsEntry("amount", "1.00");
    } finally {
      worker.rest().delete(source);
      worker.rest().delete(sink);
    }
  }

  private void post(String name, String example, Map<String, String> settings) {
    ObjectNode config = stack.example(example, settings);
    worker.rest().createOrUpdate(name, config);
    worker.rest().awaitRunning(name, PATIENCE);
  }

  /** Neither published converter has a service manifest; ours has, and loads them itself. */
  @ParameterizedTest
  @CsvSource({
    "claims-source.json,apicurio-avro-converter",
    "claims-source-confluent.json,confluent"
  })
  void withServiceLoadTheExamplesWorkAsWell(String example, String folder) throws IOException {
    // given one converter only
    Path own = stack.directory(Stack.unique("service-load")).resolve("plugins");
    LocalStack.installPlugin(Path.of(System.getProperty("plugin.zip", "")), own);
    copy(plugins.resolve(folder), own.resolve(folder));
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("group.id", Stack.unique("service-load"));
    settings.put("plugin.path", own.toAbsolutePath().toString());
    settings.put("plugin.discovery", "service_load");
    settings.replaceAll(
        (key, value) -> key.endsWith(".storage.topic") ? Stack.unique(value) : value);
    ObjectNode config = stack.example(example, Map.of());
    config.put("name", "any");
    String connector = config.path("connector.class").asText();

    try (ConnectWorker quick = stack.worker(settings)) {
      // when
      JsonNode verdict = quick.rest().validate(connector, config);

      // then
      assertThat(errors(verdict, "value.converter")).isEmpty();
      assertThat(errors(verdict, DELEGATE)).isEmpty();

      // and with a delegate that is not there
      config.put(DELEGATE, "io.example.AvroConverter");
      assertThat(errors(quick.rest().validate(connector, config), DELEGATE))
          .contains("io.example.AvroConverter", "into the folder of that converter");
    }
  }

  private static String errors(JsonNode verdict, String setting) {
    for (JsonNode config : verdict.path("configs")) {
      JsonNode value = config.path("value");
      if (value.path("name").asText().equals(setting)) {
        StringBuilder errors = new StringBuilder();
        value.path("errors").forEach(error -> errors.append(error.asText()).append('\n'));
        return errors.toString();
      }
    }
    throw new AssertionError("no " + setting + " in " + verdict);
  }
}
