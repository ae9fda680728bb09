/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The shipped examples while the schema registry is away: everything waits or goes on, and nothing
 * but what is bad becomes a dead letter. Connectors of both converters run side by side.
 */
@ExtendWith(Stack.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryOutageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> CONVERTERS = List.of("", "-confluent");
  private static final int RECORDS = 100;

  /** Less than a converter remembers by itself, so that a test of seconds is long enough. */
  private static final String CHECK_PERIOD = "value.converter.apicurio.registry.check-period-ms";

  private final Stack stack;
  private final List<String> connectors = new ArrayList<>();
  private InterruptibleProxy registry;
  private Redis redis;

  RegistryOutageIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  void start() {
    registry = new InterruptibleProxy(URI.create(stack.registry().url()).getPort());
    redis = stack.redis();
  }

  @BeforeEach
  void theRegistryIsThere() {
    registry.open();
  }

  @AfterEach
  void deleteConnectors() {
    connectors.forEach(stack.connect()::delete);
    connectors.clear();
  }

  @AfterAll
  void end() {
    redis.close();
    registry.close();
  }

  private void awaitTask(String connector, String state) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                stack
                    .connect()
                    .status(connector)
                    .path("tasks")
                    .findValuesAsText("state")
                    .contains(state));
  }

  /** A source of the shipped example, with a stream, topic and dead letters of its own. */
  private final class Source {
    final String stream = Stack.unique("outage:events");
    final String failed = Stack.unique("outage:failed");
    final Topic topic = stack.topic(stream.replace(':', '.'));
    final String name = Stack.unique("outage-source");
    final ObjectNode config;

    Source(String converter, String... settings) {
      stack.createTopics(Map.of(topic.name(), 1));
      config =
          example(
              "claims-source" + converter + ".json",
              "redis.streams",
              stream,
              "redis.failed.stream",
              failed);
      put(config, settings);
    }

    Source run() {
      connectors.add(name);
      stack.run(name, config);
      return this;
    }

    void add(int from, int count) {
      for (int i = from; i < from + count; i++) {
        redis.add(stream, "type", "t", "claim_id", "CLM-" + i, "amount", "1");
      }
    }

    void addBad() {
      redis.add(stream, "type", "t", "claim_id", "bad", "amount", "much");
    }

    /** The keys in the topic, in order. */
    List<String> keys() {
      return topic.records().stream()
          .map(record -> new String(record.key(), StandardCharsets.UTF_8))
          .toList();
    }

    void awaitEach(int count) {
      topic.await(count, PATIENCE);
      assertThat(keys())
          .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(i -> "CLM-" + i).toList());
    }
  }

  /** A sink of the shipped example, with a topic, stream and dead letters of its own. */
  private final class Sink {
    final String target = Stack.unique("outage:figures");
    final Topic topic = stack.topic(target.replace(':', '.'));
    final Topic failed = stack.topic(topic.name() + ".failed");
    final String name = Stack.unique("outage-sink");
    final ObjectNode config;
    final Converter converter;
    final Schema schema =
        SchemaBuilder.struct()
            .name(Stack.unique("outage").replace('-', '_') + ".Figure")
            .field("number", Schema.STRING_SCHEMA)
            .build();

    Sink(String example, String... settings) {
      stack.createTopics(Map.of(topic.name(), 1, failed.name(), 1));
      config =
          example(
              "claims-analytics-sink" + example + ".json",
              "topics",
              topic.name(),
              "redis.stream",
              target,
              "consumer.override.group.id",
              name,
              "errors.deadletterqueue.topic.name",
              failed.name());
      put(config, settings);
      converter = writer(example);
    }

    Sink run() {
      connectors.add(name);
      stack.run(name, config);
      return this;
    }

    void produce(int from, int count) {
      topic.produce(
          IntStream.range(from, from + count)
              .mapToObj(i -> new Struct(schema).put("number", "" + i))
              .map(value -> converter.fromConnectData(topic.name(), schema, value))
              .map(Objects::requireNonNull)
              .toList());
    }

    void produceBad() {
      topic.produce(null, new byte[] {1, 2, 3});
    }

    void awaitEach(int count) {
      await().atMost(PATIENCE).until(() -> redis.entries(target).size() >= count);
      assertThat(redis.entries(target))
          .extracting(entry -> Redis.fields(entry).get("number"))
          .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(i -> "" + i).toList());
    }
  }

  private ObjectNode example(String file, String... settings) {
    ObjectNode config = stack.example(file, Map.of());
    put(config, settings);
    replace(
        config, "value.converter.apicurio.registry.url", atProxy(stack.registry().apicurioUrl()));
    replace(
        config, "value.converter.schema.registry.url", atProxy(stack.registry().confluentUrl()));
    return config;
  }

  private String atProxy(String url) {
    return url.replaceFirst(":\\d+/", ":" + registry.port() + "/");
  }

  private static void put(ObjectNode config, String... settings) {
    for (int i = 0; i < settings.length; i += 2) {
      config.put(settings[i], settings[i + 1]);
    }
  }

  private static void replace(ObjectNode config, String setting, String value) {
    if (config.has(setting)) {
      config.put(setting, value);
    }
  }

  /** A converter as published, on its own, that writes what a sink's example reads. */
  private Converter writer(String example) {
    Map<String, Object> settings = new HashMap<>();
    Converter converter;
    if (example.isEmpty()) {
      converter = new io.apicurio.registry.utils.converter.AvroConverter<>();
      settings.put("apicurio.registry.url", atProxy(stack.registry().apicurioUrl()));
      settings.put("apicurio.registry.auto-register", "true");
      settings.put("apicurio.registry.headers.enabled", "false");
      settings.put("apicurio.registry.as-confluent", "true");
      settings.put("apicurio.registry.use-id", "contentId");
      settings.put("apicurio.registry.check-period-ms", "3600000");
    } else {
      converter = new org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroConverter();
      settings.put("schema.registry.url", atProxy(stack.registry().confluentUrl()));
    }
    converter.configure(settings, false);
    return converter;
  }

  private void awaitWaiting(String topic) {
    await()
        .atMost(PATIENCE)
        .until(() -> !stack.log("is unavailable", "topic '" + topic + "' waits").isEmpty());
  }

  private void assertRunning(String... names) {
    assertThat(Arrays.stream(names).map(name -> stack.connect().status(name)).toList())
        .allSatisfy(
            status ->
                assertThat(status.path("tasks").findValuesAsText("state")).containsOnly("RUNNING"));
  }

  @Test
  void whoeverStartsWhileTheRegistryIsAwayWaitsForItAndLosesNothing() {
    // given records, and a bad one that tells nothing of the registry
    List<Source> sources =
        CONVERTERS.stream().map(c -> new Source(c, "errors.tolerance", "all")).toList();
    Sink impatient = new Sink("", "consumer.override.max.poll.interval.ms", "6000");
    List<Sink> sinks = List.of(impatient, new Sink("-confluent"));
    sources.forEach(source -> source.add(0, RECORDS));
    sinks.forEach(sink -> sink.produce(0, RECORDS));

    // when
    registry.interrupt();
    sources.forEach(Source::run);
    sinks.forEach(Sink::run);

    // then
    sources.forEach(source -> awaitWaiting(source.topic.name()));
    sinks.forEach(sink -> awaitWaiting(sink.topic.name()));
    sources.forEach(Source::addBad);
    sinks.forEach(Sink::produceBad);
    sources.forEach(source -> assertRunning(source.name));
    sinks.forEach(sink -> assertRunning(sink.name));
    sources.forEach(source -> assertThat(redis.entries(source.failed)).isEmpty());
    sinks.forEach(sink -> assertThat(sink.failed.records()).isEmpty());
    await("that a consumer has left its group meanwhile")
        .atMost(PATIENCE)
        .until(() -> !stack.log("poll timeout has expired", impatient.name).isEmpty());

    // and when
    registry.open();

    // then
    sources.forEach(source -> source.awaitEach(RECORDS));
    sinks.forEach(sink -> sink.awaitEach(RECORDS));
    for (Source source : sources) {
      await().atMost(PATIENCE).until(() -> !redis.entries(source.failed).isEmpty());
      assertThat(redis.entries(source.failed))
          .extracting(entry -> Redis.fields(entry).get("claim_id"))
          .containsExactly("bad");
    }
    for (Sink sink : sinks) {
      sink.failed.await(1);
      assertThat(sink.failed.records()).extracting(r -> r.value().length).containsExactly(3);
    }
  }

  @Test
  void whoeverKnowsTheSchemasGoesOnWithoutTheRegistryAndStillSortsOutWhatIsBad() {
    // given
    List<Source> sources =
        CONVERTERS.stream()
            .map(c -> new Source(c, "errors.tolerance", "all", CHECK_PERIOD, "500").run())
            .toList();
    List<Sink> sinks =
        CONVERTERS.stream().map(c -> new Sink(c, CHECK_PERIOD, "500").run()).toList();
    sources.forEach(source -> source.add(0, 1));
    sinks.forEach(sink -> sink.produce(0, 1));
    sources.forEach(source -> source.awaitEach(1));
    sinks.forEach(sink -> sink.awaitEach(1));

    // when it is away for several times as long as they remember by themselves
    registry.interrupt();
    for (int round = 1; round <= 3; round++) {
      int count = round;
      sources.forEach(source -> source.add(count, 1));
      sinks.forEach(sink -> sink.produce(count, 1));
      sources.forEach(source -> source.awaitEach(count + 1));
      sinks.forEach(sink -> sink.awaitEach(count + 1));
      long began = System.nanoTime();
      await().until(() -> System.nanoTime() - began > 600_000_000L);
    }
    sources.forEach(Source::addBad);
    sinks.forEach(Sink::produceBad);

    // then
    for (Source source : sources) {
      await().atMost(PATIENCE).until(() -> redis.entries(source.failed).size() == 1);
    }
    sinks.forEach(sink -> sink.failed.await(1));
    sources.forEach(source -> assertRunning(source.name));
    sinks.forEach(sink -> assertRunning(sink.name));
  }

  @Test
  void whoeverIsStoppedWhileItWaitsSkipsNothing() {
    // given
    Source source = new Source("", "errors.tolerance", "all");
    Sink sink = new Sink("");
    source.add(0, 10);
    sink.produce(0, 10);
    registry.interrupt();
    source.run();
    sink.run();
    awaitWaiting(source.topic.name());
    awaitWaiting(sink.topic.name());

    // when
    long began = System.nanoTime();
    stack.connect().stop(source.name);
    stack.connect().stop(sink.name);
    for (String name : List.of(source.name, sink.name)) {
      await().atMost(PATIENCE).until(() -> stack.connect().status(name).path("tasks").isEmpty());
    }
    for (Topic topic : List.of(source.topic, sink.topic)) {
      await()
          .atMost(PATIENCE)
          .until(() -> !stack.log("its task was stopped", "'" + topic.name() + "'").isEmpty());
    }

    // then it took no longer than Connect gives a task by default, five seconds for each
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));

    // and when
    registry.open();
    stack.connect().resume(source.name);
    stack.connect().resume(sink.name);

    // then
    source.awaitEach(10);
    sink.awaitEach(10);
    assertThat(redis.entries(source.failed)).isEmpty();
    assertThat(sink.failed.records()).isEmpty();
  }

  @Test
  void theOldestWorkerThatIsSupportedWaitsAsWell() throws IOException {
    // given
    Source source = new Source("", "errors.tolerance", "all");
    Sink sink = new Sink("-confluent");
    source.add(0, 10);
    sink.produce(0, 10);
    registry.interrupt();
    StackFiles found = StackFiles.locate();
    StackFiles oldest =
        new StackFiles(
            Path.of(System.getProperty("servers", ""), "connect-3.6/target/stack/connect"),
            found.redisServer(),
            found.registryHome(),
            found.avroConverter());
    Path folder = stack.directory(Stack.unique("oldest-worker"));
    Path java = Path.of(System.getProperty("java.home"));

    // when
    try (ConnectWorker worker =
        stack.worker(java, oldest, folder, Map.of("group.id", Stack.unique("oldest")))) {
      worker.rest().createOrUpdate(source.name, source.config);
      worker.rest().createOrUpdate(sink.name, sink.config);

      // then
      for (Topic topic : List.of(source.topic, sink.topic)) {
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    Files.readString(folder.resolve("connect.log"))
                        .contains("topic '" + topic.name() + "' waits"));
      }

      // and when
      registry.open();

      // then
      source.awaitEach(10);
      sink.awaitEach(10);
      assertThat(redis.entries(source.failed)).isEmpty();
      assertThat(sink.failed.records()).isEmpty();
    }
  }

  /**
   * A source that meets a new schema in the middle of a batch waits with an open transaction. Once
   * the broker has aborted it the task fails, and a restart of it loses and repeats nothing.
   */
  @Test
  void aTransactionThatIsAbortedMeanwhileFailsTheTaskAndARestartDeliversEachEventOnce() {
    // given a source that knows version 1 and not version 2
    Source source =
        new Source(
            "",
            "errors.tolerance",
            "all",
            "event.version",
            "as-written",
            "producer.override.transaction.timeout.ms",
            "1000");
    source.run();
    source.add(0, 1);
    source.awaitEach(1);

    // when
    registry.interrupt();
    stack.connect().pause(source.name);
    awaitTask(source.name, "PAUSED");
    source.add(1, 5);
    redis.add(
        source.stream, "schema_version", "2", "type", "t", "claim_id", "CLM-6", "amount", "1");
    stack.connect().resume(source.name);
    awaitWaiting(source.topic.name());
    awaitAborted(source);
    registry.open();

    // then
    awaitTask(source.name, "FAILED");
    assertThat(source.keys()).doesNotContain("CLM-6");

    // and when
    stack.connect().restartTask(source.name, 0);

    // then
    source.awaitEach(7);
    assertThat(redis.entries(source.failed)).isEmpty();
  }

  /** The broker looks for such transactions every ten seconds. */
  private void awaitAborted(Source source) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", source.topic.bootstrapServers()))) {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  admin.listTransactions().all().get().stream()
                      .filter(each -> each.transactionalId().contains(source.name))
                      .allMatch(each -> each.state() == TransactionState.COMPLETE_ABORT));
    }
  }
}
