/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the pages tell operators to paste, run as it stands there. Only the addresses of Redis and
 * Connect differ; names, ids, instants and offsets are those of the pages.
 */
@ExtendWith(Stack.class)
class OperationsDocsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String START = "getting-started.md";
  private static final String SKIP = "how-to/skip.md";
  private static final String UPGRADE = "how-to/upgrade.md";
  private static final String REPLAY = "how-to/replay.md";
  private static final String DEAD_LETTERS = "how-to/dead-letters.md";
  private static final String RANGE = "how-to/read-a-range.md";

  private static final String COMMANDS = "bash";
  private static final String COMMANDS_NOT_RUN_HERE = "sh";
  private static final Set<String> OTHER_KINDS =
      Set.of("text", "json", "properties", "mermaid", "java");

  /**
   * Commands of the install, which PublishedConvertersIT and ConfigExamplesIT follow, those of
   * programs that no test has (Kafka's scripts and Confluent's), and the benchmarks.
   */
  private static final Set<String> NOT_RUN_HERE =
      Set.of(
          START + ": 1. Build the zip",
          START + ": 2. Install the connectors",
          START + ": 3. Install the Avro converter",
          START + ": 3. Install the Avro converter (2)",
          START + ": 4. Configure the workers",
          START + ": 4. Configure the workers (2)",
          START + ": 5. Create the connectors",
          START + ": First event (2)",
          START + ": First event (3)",
          START + ": First record",
          DEAD_LETTERS + ": Appending dead letters of the sink after all",
          DEAD_LETTERS + ": Appending dead letters of the sink after all (2)",
          "how-to/transactions.md: A transaction that never ends",
          "how-to/confluent.md: Confluent Platform",
          "how-to/schema-registry.md: When the registry is unavailable (2)",
          "how-to/snapshots.md: Snapshots",
          "performance.md: Measure it yourself",
          "performance.md: Compare with another connector");

  private static final String SOURCE = "claims-source";
  private static final String SINK = "claims-analytics-sink";
  private static final String FIRST_SINK = "claims-first-sink";
  private static final String RENAMED_SOURCE = "claims-renamed-source";
  private static final String RENAMED_SINK = "claims-renamed-sink";
  private static final String RANGE_SOURCE = "claims-range-source";
  private static final String STREAM = "claims:events";
  private static final String FAILED = "claims:failed";
  private static final String GROUP = "claims-processors";
  private static final String SINK_TOPIC = "claims.analytics";
  private static final String SINK_STREAM = "claims:analytics";

  private final Stack stack;
  private final Topic topic;
  private final Path folder;
  private final Set<String> run = new HashSet<>();
  private RedisServer server;
  private Redis redis;

  /** Which blocks a test runs. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  private @interface Runs {
    String[] value();
  }

  OperationsDocsIT(Stack stack) {
    this.stack = stack;
    this.topic = stack.topic(Stack.unique("claims.events"));
    this.folder = stack.directory(Stack.unique("docs"));
    this.server = RedisServer.start(StackFiles.locate(), folder.resolve("redis"), 0);
    this.redis = new Redis(server.uri());
  }

  @BeforeEach
  void makeTopicAndClient() throws IOException {
    stack.createTopics(Map.of(topic.name(), 1));
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path client = bin.resolve("redis-cli");
    Files.writeString(
        client,
        "#!/bin/sh\nexec '%s' -h 127.0.0.1 -p %d \"$@\"\n"
            .formatted(RedisCli.program(), server.port()));
    assertThat(client.toFile().setExecutable(true)).isTrue();
  }

  @AfterEach
  void removeConnectors(TestInfo test) {
    for (String connector :
        List.of(SOURCE, SINK, FIRST_SINK, RANGE_SOURCE, RENAMED_SOURCE, RENAMED_SINK)) {
      if (exists(connector)) {
        stop(connector);
        await() // a sink's tasks may still be in the consumer group
            .atMost(PATIENCE)
            .until(
                () ->
                    stack
                        .connect()
                        .request("DELETE", "/connectors/" + connector + "/offsets", null)
                        .isSuccess());
        stack.connect().delete(connector);
      }
    }
    redis.close();
    server.close();
    assertThat(run).as("blocks that were run").isEqualTo(blocksOf(test.getTestMethod().stream()));
  }

  private static Set<String> blocksOf(Stream<Method> tests) {
    return tests
        .map(test -> test.getAnnotation(Runs.class))
        .flatMap(runs -> runs == null ? Stream.empty() : Arrays.stream(runs.value()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // --- the pages -----------------------------------------------------------------------------

  private static List<DocBlock> blocks() {
    return DocBlock.pages().stream().flatMap(page -> DocBlock.of(page).stream()).toList();
  }

  @Test
  void everyBlockOfThePagesIsRunOrHoldsNoCommands() {
    Set<String> commands = new TreeSet<>();
    Set<String> notRunHere = new TreeSet<>();
    for (DocBlock block : blocks()) {
      if (block.kind().equals(COMMANDS)) {
        commands.add(block.name());
      } else if (block.kind().equals(COMMANDS_NOT_RUN_HERE)) {
        notRunHere.add(block.name());
      } else {
        assertThat(block.kind()).as("kind of " + block.name()).isIn(OTHER_KINDS);
        assertThat(block.lines())
            .as(block.name() + " is no block of commands")
            .noneMatch(line -> line.matches("(curl|redis-cli|for|until|bin/|\\./|kafka-).*"));
      }
    }
    assertThat(notRunHere).as("blocks of other commands").isEqualTo(new TreeSet<>(NOT_RUN_HERE));
    assertThat(commands)
        .as("blocks of commands, each to be run by a test of this class")
        .isEqualTo(blocksOf(Arrays.stream(OperationsDocsIT.class.getDeclaredMethods())));
  }

  /** Runs a block as an operator's shell does, and returns what it prints. */
  private String paste(String name) throws Exception {
    run.add(name);
    String commands =
        blocks().stream()
            .filter(block -> block.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new AssertionError("there is no block " + name))
            .text()
            .replace("localhost:8083", stack.connectAddress())
            .replace("redis://localhost:6379", server.uri());
    Path output = folder.resolve("output");
    ProcessBuilder bash =
        new ProcessBuilder("bash", "-c", commands)
            .directory(Path.of(System.getProperty("examples", ""), "redrive").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    bash.environment().merge("PATH", "", (path, none) -> folder.resolve("bin") + ":" + path);
    Process process = bash.start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError(name + " does not end: " + Files.readString(output));
    }
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(name + " printed " + printed).isZero();
    assertThat(printed)
        .as(name)
        .doesNotContain("error_code", "command not found", "ERR ", "WRONGTYPE", "CROSSSLOT");
    return printed;
  }

  // --- connectors ----------------------------------------------------------------------------

  private void createSource(String... settings) {
    Map<String, String> config = new HashMap<>();
    config.put("topic", topic.name());
    create(SOURCE, "claims-source.json", config, settings);
  }

  private void create(
      String connector, String example, Map<String, String> config, String... settings) {
    config.put("redis.uri", server.uri());
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("value.converter.schemas.enable", "false");
    for (int i = 0; i < settings.length; i += 2) {
      config.put(settings[i], settings[i + 1]);
    }
    stack.connect().createOrUpdate(connector, stack.example(example, config));
  }

  private boolean exists(String connector) {
    return stack.connect().request("GET", "/connectors/" + connector, null).isSuccess();
  }

  private void stop(String connector) {
    stack.connect().stop(connector);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(() -> stack.connect().status(connector).path("tasks").isEmpty());
  }

  /** Waits until the task has failed, and returns why. */
  private String failure(String connector) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(
            () -> stack.connect().status(connector).at("/tasks/0/trace").asText(),
            trace -> !trace.isEmpty());
  }

  private void awaitNothingPending(String stream) {
    await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
  }

  private void add(String id, String amount) {
    redis.call(
        "XADD", STREAM, id, "type", "claim_submitted", "claim_id", "CLM-" + id, "amount", amount);
  }

  /** The stream ids in the topic from the n-th record on, once there are that many. */
  private List<String> arrived(int from, int to) {
    topic.await(to);
    awaitNothingPending(STREAM);
    List<String> ids = SourceTestBase.streamIds(topic.records());
    assertThat(ids).hasSize(to);
    return ids.subList(from, to);
  }

  // --- getting started -----------------------------------------------------------------------

  @Test
  @Runs({START + ": First event", START + ": First dead letter", START + ": First dead letter (2)"})
  void theFirstEventArrivesAndTheFirstBadEntryBecomesADeadLetter() throws Exception {
    // given
    createSource();

    // when
    String offsets = paste(START + ": First event");

    // then
    assertThat(claims(1)).containsExactly("CLM-12345");
    assertThat(offsets).contains(SourceTestBase.streamIds(topic.records()).get(0));

    // when
    String configured = paste(START + ": First dead letter");
    String deadLetter = paste(START + ": First dead letter (2)");

    // then
    assertThat(configured).contains("\"errors.tolerance\":\"all\"");
    assertThat(deadLetter.lines()).contains("CLM-12346", "much", "error_message", "error_stage");
    assertThat(claims(1)).containsExactly("CLM-12345");
  }

  @Test
  @Runs({START + ": First record (2)", START + ": First record (3)"})
  void theFirstRecordBecomesAnEntry() throws Exception {
    // given
    stack.createTopics(Map.of("claims.first", 1));
    String produced =
        blocks().stream()
            .filter(block -> block.name().equals(START + ": First record"))
            .map(block -> block.text().replaceFirst("(?s).*echo '(.*?)'.*", "$1"))
            .findFirst()
            .orElseThrow();
    stack.topic("claims.first").produce(List.of(produced.getBytes(UTF_8)));

    // when
    paste(START + ": First record (2)");
    String entry = paste(START + ": First record (3)");

    // then
    assertThat(entry.lines())
        .contains("type", "claim_submitted", "count", "3", "amount_total", "15000.00");
    assertThat(redis.entries("claims:first")).hasSize(1);
  }

  // --- ranges --------------------------------------------------------------------------------

  @Test
  @Runs({RANGE + ": Bad entries", RANGE + ": When it is done"})
  void aRangeGoesOnAfterABadEntryAndIsForgottenWhenItIsDone() throws Exception {
    // given
    add("1724149799000-0", "1");
    add("1724149800000-0", "much");
    add("1724149801000-0", "3");
    Map<String, String> config = new HashMap<>(Map.of("topic", topic.name()));
    create(RANGE_SOURCE, "claims-range-source.json", config, "redis.range.to", "1724149801000");
    assertThat(failure(RANGE_SOURCE)).contains("1724149800000-0");

    // when
    paste(RANGE + ": Bad entries");

    // then
    assertThat(SourceTestBase.streamIds(topic.await(2)))
        .containsExactly("1724149799000-0", "1724149801000-0");

    // when
    paste(RANGE + ": When it is done");

    // then one of the same name reads all of it again
    assertThat(exists(RANGE_SOURCE)).isFalse();
    redis.call("XDEL", STREAM, "1724149800000-0");
    create(RANGE_SOURCE, "claims-range-source.json", config, "redis.range.to", "1724149801000");
    topic.await(4);
  }

  // --- skipping ------------------------------------------------------------------------------

  @Test
  @Runs({SKIP + ": One entry", SKIP + ": One entry, for good"})
  void oneBadEntryIsSkippedAndThenRemoved() throws Exception {
    // given
    add("1724149799000-0", "1");
    add("1724149800000-0", "much");
    add("1724149801000-0", "3");
    createSource();
    assertThat(failure(SOURCE)).contains("1724149800000-0");

    // when
    String printed = paste(SKIP + ": One entry");

    // then
    assertThat(printed.lines()).contains("much", "1");
    assertThat(arrived(0, 2)).containsExactly("1724149799000-0", "1724149801000-0");

    // and
    assertThat(paste(SKIP + ": One entry, for good")).isEqualTo("1\n");
    assertThat(redis.entries(STREAM)).hasSize(2);
  }

  @Test
  @Runs(SKIP + ": Everything up to an entry")
  void everythingUpToAnEntryIsSkipped() throws Exception {
    // given
    add("1724149799000-0", "much");
    add("1724149799500-0", "2");
    add("1724149800000-0", "more");
    add("1724149801000-0", "4");
    createSource();
    assertThat(failure(SOURCE)).contains("1724149799000-0");

    // when
    assertThat(paste(SKIP + ": Everything up to an entry")).contains("successfully");

    // then
    assertThat(arrived(0, 1)).containsExactly("1724149801000-0");
  }

  // --- replaying -----------------------------------------------------------------------------

  @Test
  @Runs({
    REPLAY + ": From an entry on",
    REPLAY + ": From an instant on",
    REPLAY + ": Start over",
    REPLAY + ": A lost group, back to a known place"
  })
  void entriesComeAgainFromWhereTheyWereAskedFor() throws Exception {
    // given
    add("1724149700000-0", "1");
    add("1724149800000-0", "2");
    add("1724149800000-1", "3");
    add("1724149900000-0", "4");
    createSource();
    List<String> ids = arrived(0, 4);

    // when, then
    assertThat(paste(REPLAY + ": From an entry on")).contains("successfully");
    assertThat(arrived(4, 6)).isEqualTo(ids.subList(2, 4));

    assertThat(paste(REPLAY + ": From an instant on")).contains("successfully");
    assertThat(arrived(6, 9)).isEqualTo(ids.subList(1, 4));

    assertThat(paste(REPLAY + ": Start over")).contains("successfully");
    assertThat(arrived(9, 13)).isEqualTo(ids);

    // and when neither Redis nor Connect knows where the group was
    stop(SOURCE);
    stack.connect().deleteOffsets(SOURCE);
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    String printed = paste(REPLAY + ": A lost group, back to a known place");
    assertThat(printed).contains("successfully");
    assertThat(printed.lines().toList())
        .containsSequence("pending", "0", "last-delivered-id", "1724149800000-0");
    assertThat(arrived(13, 15)).isEqualTo(ids.subList(2, 4));
  }

  @Test
  @Runs(REPLAY + ": One stream of several")
  void onlyTheStreamThatWasNamedComesAgain() throws Exception {
    // given
    String europe = STREAM + ":eu";
    for (String stream : List.of(STREAM, europe)) {
      for (String id : List.of("1724149799999-0", "1724149800000-0", "1724149900000-0")) {
        redis.call("XADD", stream, id, "type", "t", "claim_id", stream + "/" + id);
      }
    }
    createSource("redis.streams", STREAM + "," + europe);
    topic.await(6);
    awaitNothingPending(STREAM);
    awaitNothingPending(europe);

    // when
    assertThat(paste(REPLAY + ": One stream of several")).contains("successfully");

    // then
    topic.await(8);
    awaitNothingPending(europe);
    assertThat(topic.records().subList(6, topic.records().size()))
        .extracting(record -> SourceTestBase.json(record).path("claim_id").asText())
        .containsExactly(europe + "/1724149800000-0", europe + "/1724149900000-0");
  }

  // --- the sink ------------------------------------------------------------------------------

  private Topic makeSinkTopic() throws Exception {
    Topic records = stack.topic(SINK_TOPIC);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", records.bootstrapServers()))) {
      if (admin.listTopics().names().get().contains(SINK_TOPIC)) {
        admin.deleteTopics(List.of(SINK_TOPIC)).all().get();
      }
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // it may still be there
        .untilAsserted(
            () -> {
              stack.createTopics(Map.of(SINK_TOPIC, 1));
              assertThat(records.records()).isEmpty();
            });
    return records;
  }

  private void createSink(String... settings) {
    create(SINK, "claims-analytics-sink.json", new HashMap<>(), settings);
  }

  private List<String> appended(int count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat((Long) redis.call("XLEN", SINK_STREAM)).isGreaterThanOrEqualTo(count));
    List<StreamEntry> entries = redis.entries(SINK_STREAM);
    return SinkTestBase.numbers(entries);
  }

  @Test
  @Runs({
    SKIP + ": A record of the sink",
    SKIP + ": A record of the sink (2)",
    REPLAY + ": A sink, from an offset on",
    REPLAY + ": A sink, from the start"
  })
  void aRecordOfTheSinkIsSkippedAndOthersAreAppendedAgain() throws Exception {
    // given a record that the converter fails on
    Topic records = makeSinkTopic();
    records.produce(IntStream.range(0, 42).mapToObj(SinkTestBase::numbered).toList());
    records.produce(List.of("no JSON".getBytes(UTF_8)));
    records.produce(IntStream.range(43, 50).mapToObj(SinkTestBase::numbered).toList());
    createSink("errors.tolerance", "none", "consumer.override.max.poll.records", "1");
    failure(SINK);

    // when, then
    assertThat(paste(SKIP + ": A record of the sink")).startsWith("claims.analytics-0\n41 ");
    assertThat(paste(SKIP + ": A record of the sink (2)")).contains("successfully");
    List<String> all = SinkTestBase.numbers(0, 42);
    all.addAll(SinkTestBase.numbers(43, 50));
    assertThat(appended(49)).isEqualTo(all);

    // and with the record as a dead letter
    createSink("errors.tolerance", "all");
    assertThat(paste(REPLAY + ": A sink, from an offset on")).contains("successfully");
    List<String> again = new ArrayList<>(all);
    again.addAll(all.subList(40, 49));
    assertThat(appended(58)).isEqualTo(again);

    assertThat(paste(REPLAY + ": A sink, from the start")).contains("successfully");
    again.addAll(all);
    assertThat(appended(107)).isEqualTo(again);
  }

  // --- renaming ------------------------------------------------------------------------------

  @Test
  @Runs({UPGRADE + ": Renaming a source", UPGRADE + ": Renaming a sink"})
  void connectorsThatAreRenamedGoOnWhereTheirFormerNamesWere() throws Exception {
    // given
    add("1724149799000-0", "1");
    add("1724149800000-0", "2");
    createSource();
    arrived(0, 2);
    Topic records = makeSinkTopic();
    records.produce(List.of(SinkTestBase.numbered(0), SinkTestBase.numbered(1)));
    createSink();
    appended(2);

    // an entry that is in Kafka and pending, and one that was only read ahead
    stop(SOURCE);
    add("1724149800500-0", "3");
    String former = SOURCE + "-0";
    redis.call("XREADGROUP", "GROUP", GROUP, former, "STREAMS", STREAM, ">");
    redis.call("XCLAIM", STREAM, GROUP, former, 0, "1724149800000-0", "FORCE", "JUSTID");
    assertThat(redis.pending(STREAM, GROUP)).isEqualTo(2);

    // when
    assertThat(paste(UPGRADE + ": Renaming a source")).contains("}2\n", "successfully");
    paste(UPGRADE + ": Renaming a sink");
    add("1724149801000-0", "4");
    records.produce(List.of(SinkTestBase.numbered(2)));

    // then
    assertThat(arrived(0, 4))
        .containsExactly(
            "1724149799000-0", "1724149800000-0", "1724149800500-0", "1724149801000-0");
    assertThat(appended(3)).containsExactly("0", "1", "2");
    assertThat(exists(SOURCE)).isFalse();
    assertThat(exists(SINK)).isFalse();
    assertThat(stack.log(RENAMED_SINK, "has offsets of another connector")).isEmpty();

    // Connect keeps the offsets of a deleted source for the next one of its name, and deletes them
    // only if no other connector reads in the group
    stop(RENAMED_SOURCE);
    stack.connect().delete(RENAMED_SOURCE);
    redis.call("DEL", STREAM);
    createSource();
  }

  // --- deleting ------------------------------------------------------------------------------

  /** On a server that refuses keys of different slots in one command, as a Cluster's do. */
  @Test
  @Runs({UPGRADE + ": A source with its state", UPGRADE + ": A sink with its state"})
  void nothingIsLeftOfConnectorsThatWereDeletedAndNothingOfOthersIsTouched() throws Exception {
    // given
    redis.close();
    server.close();
    server =
        RedisServer.start(
            StackFiles.locate(),
            folder.resolve("cluster"),
            0,
            "cluster-enabled yes",
            "cluster-port " + FreePorts.free());
    redis = new Redis(server.uri());
    redis.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // CLUSTERDOWN
        .until(() -> Long.valueOf(0).equals(redis.call("DEL", "any")));
    makeTopicAndClient();
    add("1724149800000-0", "1");
    createSource("redis.topology", "cluster");
    arrived(0, 1);
    makeSinkTopic().produce(List.of(SinkTestBase.numbered(0)));
    createSink("redis.topology", "cluster");
    appended(1);
    String beside = ":{claims:events}:claims-processors:";
    for (String key :
        List.of(
            "consumers" + beside + SOURCE,
            "takeover" + beside + SOURCE + "-takeover",
            "owner" + beside + SOURCE + "-takeover",
            "epoch" + beside + SOURCE + "-0",
            "epoch" + beside + SOURCE + "-takeover",
            "owner" + beside + SOURCE + "-eu-0")) {
      redis.call("SET", "claimstream:v1:" + key, "1");
    }
    assertThat(redis.call("EXISTS", "claimstream:v1:owner" + beside + SOURCE + "-0")).isEqualTo(1L);

    // when
    paste(UPGRADE + ": A source with its state");
    paste(UPGRADE + ": A sink with its state");

    // then
    assertThat(keys())
        .containsExactlyInAnyOrder(
            STREAM, SINK_STREAM, "claimstream:v1:owner" + beside + SOURCE + "-eu-0");
    assertThat(redis.call("XINFO", "GROUPS", STREAM)).isEqualTo(List.of());
    assertThat(exists(SOURCE)).isFalse();
    assertThat(exists(SINK)).isFalse();
  }

  private List<String> keys() {
    return Replies.list(redis.call("KEYS", "*")).stream()
        .map(key -> String.valueOf(Replies.text(key)))
        .toList();
  }

  // --- putting dead letters back -------------------------------------------------------------

  @Test
  @Runs({
    DEAD_LETTERS + ": All of them",
    DEAD_LETTERS + ": All of them (2)",
    DEAD_LETTERS + ": Some of them",
    DEAD_LETTERS + ": With a corrected value"
  })
  void deadLettersThatArePutBackArriveOnce() throws Exception {
    // given dead letters of a setting that was wrong, and one whose value is
    String[] ids = {"1724149798000-0", "1724149799000-0", "1724149800000-0", "1724149801000-0"};
    String[] types = {"claim_submitted", "claim_submitted", "claim_closed", "claim_paid"};
    for (int i = 0; i < ids.length; i++) {
      redis.call("XADD", STREAM, ids[i], "type", types[i], "claim_id", "CLM-" + i, "note", "n");
    }
    redis.call(
        "XADD",
        STREAM,
        "*",
        "type",
        "claim_submitted",
        "claim_id",
        "CLM-12345",
        "amount",
        "much",
        "note",
        "n");
    createSource("errors.tolerance", "all", "unknown.fields", "fail");
    awaitLetters(5);
    redis.call("XADD", FAILED, "*", "error_stage", "sink", "error_stream", SINK_STREAM);
    stack.connect().delete(SOURCE);
    createSource("errors.tolerance", "all");

    // when, then
    assertThat(paste(DEAD_LETTERS + ": All of them"))
        .contains("put back: 1\n", "put back before: 0\n");
    assertThat(claims(1)).containsExactly("CLM-0");
    assertThat(paste(DEAD_LETTERS + ": Some of them"))
        // CLM-1 and CLM-12345, then the entry of that id
        .containsSubsequence("put back: 2\n", "put back before: 1\n", "other values: 2\n")
        .containsSubsequence("put back: 2\n", "put back: 1\n", "of the sink: 1\n");
    awaitLetters(7); // CLM-12345 once more, and the sink's
    assertThat(claims(3)).containsExactly("CLM-0", "CLM-1", "CLM-2");
    assertThat(paste(DEAD_LETTERS + ": With a corrected value"))
        .contains("put back: 1\n", "put back before: 1\n");
    assertThat(claims(4)).endsWith("CLM-12345");
    JsonNode corrected = SourceTestBase.json(topic.records().get(3));
    assertThat(corrected.path("attributes").isEmpty()).as(corrected.toString()).isTrue();
    assertThat(paste(DEAD_LETTERS + ": All of them (2)"))
        .contains("put back: 1\n", "put back before: 5\n", "of the sink: 1\n", "after: nothing\n");
    assertThat(claims(5)).endsWith("CLM-3").doesNotHaveDuplicates();
    assertThat(redis.entries(FAILED)).hasSize(7);
  }

  private void awaitLetters(int count) {
    await().atMost(PATIENCE).until(() -> redis.entries(FAILED).size() == count);
    awaitNothingPending(STREAM);
  }

  private List<String> claims(int count) {
    topic.await(count);
    awaitNothingPending(STREAM);
    return topic.records().stream()
        .map(record -> SourceTestBase.json(record).path("claim_id").asText())
        .toList();
  }
}
