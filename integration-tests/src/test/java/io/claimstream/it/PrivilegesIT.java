/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.sink.RedisStreamSinkConnector;
import io.claimstream.connect.sink.RedisStreamSinkTask;
import io.claimstream.connect.sink.state.RedisStateSinkConnector;
import io.claimstream.connect.sink.state.RedisStateSinkTask;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.RedisStreamSourceTask;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.connector.ConnectorContext;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The documented ACL users: with all that the documentation grants them the connectors do all their
 * work, without any one of it they do not, and {@code validate} names what is missing. The
 * connector classes run here by themselves, against a real server that executes the ACL.
 */
class PrivilegesIT {
  private static final String GROUP = "claims-processors";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final RecordMetadata SENT =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  /** Only {@code validate} sends it, so that nothing else can fail without it. */
  private static final String ONLY_VALIDATES = "+type";

  private static final String[] LIMIT = {"redis.stream.max.length", "1"};

  private static RedisServer server;
  private static Redis admin;

  private final String user = Stack.unique("user");

  @BeforeAll
  static void startServer() {
    server =
        RedisServer.start(
            StackFiles.locate(), Path.of("target/privileges").resolve(Stack.unique("redis")), 0);
    admin = new Redis(server.uri());
  }

  @AfterAll
  static void stopServer() {
    admin.close();
    server.close();
  }

  static List<String> rights(String documentedUser) {
    try {
      String text =
          Files.readString(Path.of(System.getProperty("examples", ""), "../docs/how-to/acl.md"));
      Matcher line =
          Pattern.compile(
                  "ACL SETUSER "
                      + documentedUser
                      + " on >password resetkeys resetchannels -@all (.*)")
              .matcher(text);
      assertThat(line.find()).isTrue();
      return List.of(line.group(1).split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> sourceRights() {
    return rights("claims-source").stream();
  }

  static Stream<String> sinkRights() {
    return rights("claims-sink").stream();
  }

  @Test
  void theSourceDoesEverythingWithItsDocumentedRights() throws InterruptedException {
    grant(rights("claims-source"), "");

    runSource();
    assertThat(wrongSettings(new RedisStreamSourceConnector(), source())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sourceRights")
  void theSourceNeedsEachOfItsDocumentedRights(String right) {
    grant(rights("claims-source"), right);

    if (!right.equals(ONLY_VALIDATES)) {
      assertThatThrownBy(this::runSource).hasMessageContainingAll(words(right));
    }
    assertNamed(new RedisStreamSourceConnector(), source(), right);
  }

  @Test
  void theSourceTrimsWithFourMoreRights() throws InterruptedException {
    grant(rightsToTrim(), "");

    runSource(LIMIT);
    assertThat(wrongSettings(new RedisStreamSourceConnector(), source(LIMIT))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"+eval", "+evalsha", "+xlen", "+xtrim"})
  void theSourceNeedsEachOfThemToTrim(String right) {
    grant(rightsToTrim(), right);

    if (!right.equals("+evalsha")) { // first sent seconds after the script
      assertThatThrownBy(() -> runSource(LIMIT))
          .hasMessageContaining("redis.stream.max.length")
          .hasMessageContaining(right);
    }
    assertNamed(new RedisStreamSourceConnector(), source(LIMIT), right);
  }

  private static List<String> rightsToTrim() {
    List<String> more = new ArrayList<>(rights("claims-source"));
    more.addAll(List.of("+eval", "+evalsha", "+xlen", "+xtrim"));
    return more;
  }

  static Stream<String> patternRights() {
    return rights("claims-pattern").stream();
  }

  @Test
  void theSourceFindsStreamsByPatternWithItsDocumentedRights() throws InterruptedException {
    // given
    grant(rights("claims-pattern"), "");
    admin.addClaims("claims:events:eu", 3);
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.initialize(new Unchanged());
    RedisStreamSourceTask task = new RedisStreamSourceTask();
    task.initialize(new SourceContext());

    // when
    assertThat(wrongSettings(connector, pattern())).isEmpty();
    connector.start(pattern());
    try {
      task.start(connector.taskConfigs(1).get(0));

      // then
      assertThat(poll(task, 3)).hasSize(3);
      Map<Map<String, ?>, @Nullable Map<String, ?>> reset = new HashMap<>();
      reset.put(Map.of("stream", "claims:events:eu", "group", GROUP, "consumer", "source-0"), null);
      connector.alterOffsets(pattern(), reset);
    } finally {
      task.stop();
      connector.stop();
    }
  }

  @ParameterizedTest
  @MethodSource("patternRights")
  void theSourceNeedsEachOfItsDocumentedRightsWithAPattern(String right) {
    grant(rights("claims-pattern"), right);
    admin.addClaims("claims:events:eu", 3);

    assertNamed(new RedisStreamSourceConnector(), pattern(), right);
  }

  private Map<String, String> pattern() {
    return source("redis.streams.pattern", "claims:events:*");
  }

  /** Connect for a connector whose streams do not change. */
  private static final class Unchanged implements ConnectorContext {
    @Override
    public void requestTaskReconfiguration() {
      throw new AssertionError("no stream has come or gone");
    }

    @Override
    public void raiseError(Exception e) {
      throw new AssertionError(e);
    }

    @Override
    public PluginMetrics pluginMetrics() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void theSourceReadsAFullRedisWithOneMoreRight() throws InterruptedException {
    List<String> more = new ArrayList<>(rights("claims-source"));
    more.add("+eval");
    grant(more, "");

    assertThat(readWhenFull()).as("events read without memory").isEqualTo(5);
  }

  @Test
  void theSourceWaitsForMemoryWithoutThatRight() throws InterruptedException {
    grant(rights("claims-source"), "");

    assertThat(readWhenFull()).as("events read without memory").isZero();
  }

  /** Returns how many of five events are read without memory; the rest is read when there is. */
  private int readWhenFull() throws InterruptedException {
    admin.addClaims("claims:events", 5);
    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(source());
    RedisStreamSourceTask task = new RedisStreamSourceTask();
    task.initialize(new SourceContext());
    admin.call("CONFIG", "SET", "maxmemory", 1);
    try {
      task.start(connector.taskConfigs(1).get(0));
      int read = poll(task, 0).size();
      admin.call("CONFIG", "SET", "maxmemory", 0);
      assertThat(poll(task, 5 - read)).hasSize(5 - read);
      assertThat(admin.pending("claims:events", GROUP)).isZero();
      return read;
    } finally {
      admin.call("CONFIG", "SET", "maxmemory", 0);
      task.stop();
    }
  }

  @Test
  void theSinkDoesEverythingWithItsDocumentedRights() {
    grant(rights("claims-sink"), "");

    runSink();
    assertThat(wrongSettings(new RedisStreamSinkConnector(), sink())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sinkRights")
  void theSinkNeedsEachOfItsDocumentedRights(String right) {
    grant(rights("claims-sink"), right);

    if (!right.equals(ONLY_VALIDATES)) {
      assertThatThrownBy(this::runSink)
          .satisfiesAnyOf(
              e -> assertThat(e).hasMessageContainingAll(words(right)),
              // all that Redis says of a command of a script
              e -> assertThat(e).hasMessageContaining("user executing the script can't"));
    }
    assertNamed(new RedisStreamSinkConnector(), sink(), right);
  }

  static Stream<String> stateSinkRights() {
    return rights("claims-state").stream();
  }

  @Test
  void theStateSinkDoesEverythingWithItsDocumentedRights() {
    grant(rights("claims-state"), "");

    runStateSinks();
    assertThat(wrongSettings(new RedisStateSinkConnector(), stateSink("hash"))).isEmpty();
    assertThat(wrongSettings(new RedisStateSinkConnector(), stateSink("json-string"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stateSinkRights")
  void theStateSinkNeedsEachOfItsDocumentedRights(String right) {
    grant(rights("claims-state"), right);

    if (!right.equals(ONLY_VALIDATES)) {
      assertThatThrownBy(this::runStateSinks)
          .satisfiesAnyOf(
              e -> assertThat(e).hasMessageContainingAll(words(right)),
              // all that Redis says of a command of a script
              e -> assertThat(e).hasMessageContaining("user executing the script can't"));
    }
    String type = right.equals("+set") ? "json-string" : "hash";
    assertNamed(new RedisStateSinkConnector(), stateSink(type), right);
  }

  private void grant(List<String> rights, String except) {
    admin.call("FLUSHALL");
    admin.call("SCRIPT", "FLUSH");
    List<String> rules = new ArrayList<>(List.of("SETUSER", user, "on", ">s3cret", "-@all"));
    rights.stream().filter(right -> !right.equals(except)).forEach(rules::add);
    admin.call("ACL", rules.toArray());
  }

  /** What a message has to say when that right is missing. */
  private static String[] words(String right) {
    return right.startsWith("~")
        ? new String[] {"NOPERM", "keys"}
        : new String[] {"NOPERM", right.substring(1)};
  }

  private static void assertNamed(Connector connector, Map<String, String> config, String missing) {
    Map<String, String> wrong = wrongSettings(connector, config);
    assertThat(wrong).containsOnlyKeys("redis.username");
    if (!missing.startsWith("~")) {
      String command = missing.substring(1, (missing + '|').indexOf('|'));
      assertThat(wrong.toString().toLowerCase(Locale.ROOT)).contains(command);
    }
  }

  private static Map<String, String> wrongSettings(
      Connector connector, Map<String, String> config) {
    Map<String, String> wrong = new HashMap<>();
    for (ConfigValue value : connector.validate(config).configValues()) {
      if (!value.errorMessages().isEmpty()) {
        wrong.put(value.name(), String.join("; ", value.errorMessages()));
      }
    }
    return wrong;
  }

  private Map<String, String> connection() {
    Map<String, String> config = new HashMap<>();
    config.put("redis.uri", server.uri());
    config.put("redis.username", user);
    config.put("redis.password", "s3cret");
    config.put("errors.tolerance", "all");
    config.put("errors.retry.delay.max.ms", "100");
    return config;
  }

  private Map<String, String> source(String... more) {
    Map<String, String> config = connection();
    config.put("name", "source");
    config.put("errors.deadletterqueue.topic.name", "claims.failed");
    config.put("redis.read.block.ms", "1");
    config.put("redis.read.count", "1");
    config.put("redis.claim.idle.ms", "0");
    config.put("redis.consumers.per.stream", "2");
    for (int i = 0; i < more.length; i += 2) {
      config.put(more[i], more[i + 1]);
    }
    return config;
  }

  private Map<String, String> sink() {
    Map<String, String> config = connection();
    config.put("name", "sink");
    config.put("redis.stream.max.length", "1");
    config.put("redis.stream.retention.ms", "1");
    config.put("topics", "claims.analytics");
    return config;
  }

  private Map<String, String> stateSink(String type) {
    Map<String, String> config = connection();
    config.put("name", "states-" + type);
    config.put("redis.key", "claim:${key}");
    config.put("redis.type", type);
    config.put("redis.key.ttl.ms", "100000");
    config.put(
        "redis.write.count", "5"); // calls of one record, of which only the first has the text
    config.put("topics", "claims.analytics");
    return config;
  }

  /** All that state sinks do in their life: write, delete, put aside, and replay. */
  private void runStateSinks() {
    for (String type : List.of("hash", "json-string")) {
      RedisStateSinkConnector connector = new RedisStateSinkConnector();
      connector.start(stateSink(type));
      RedisStateSinkTask task = new RedisStateSinkTask();
      task.initialize(new SinkContext());
      task.start(connector.taskConfigs(1).get(0));
      try {
        task.open(List.of(new TopicPartition("claims.analytics", 0)));
        task.put(
            List.of(
                keyed(0, "1", Map.of("n", 1)),
                keyed(1, null, Map.of("n", 2)),
                keyed(2, "2", Map.of("n", 3)),
                keyed(3, "1", null)));
        task.put(List.of(keyed(4, "3", Map.of("n", 4))));
        task.put(List.of()); // for the replies
      } finally {
        task.stop();
      }
      assertThat(admin.call("EXISTS", "claim:1")).isEqualTo(0L);
      assertThat(admin.call("EXISTS", "claim:2", "claim:3")).isEqualTo(2L);
      Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
      offsets.put(new TopicPartition("claims.analytics", 0), 1L);
      connector.alterOffsets(stateSink(type), offsets);
      connector.alterOffsets(stateSink(type), Map.of());
      connector.stop();
    }
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord keyed(
      long offset, @Nullable String key, @Nullable Map<String, Integer> value) {
    return new SinkRecord("claims.analytics", 0, null, key, null, value, offset);
  }

  /** All that a source does in its life: takes over, gives up, puts aside, reads, and replays. */
  private void runSource(String... more) throws InterruptedException {
    String stream = "claims:events";
    // one entry that Connect's offset covers, and one for each who left some pending
    admin.call("XADD", stream, "0-1", "type", "t", "claim_id", "c");
    admin.addClaims(stream, 4);
    admin.call("XGROUP", "CREATE", stream, GROUP, "0");
    for (String consumer : List.of("source-0", "foreign", "source-7", "source-0")) {
      admin.call("XREADGROUP", "GROUP", GROUP, consumer, "COUNT", 1, "STREAMS", stream, ">");
    }
    for (int delivery = 0; delivery < 7; delivery++) {
      admin.call("XREADGROUP", "GROUP", GROUP, "source-0", "COUNT", 1, "STREAMS", stream, "0-1");
    }
    admin.add(stream, "type", "t", "claim_id", "c", "amount", "much");

    RedisStreamSourceConnector connector = new RedisStreamSourceConnector();
    connector.start(source(more));
    RedisStreamSourceTask task = new RedisStreamSourceTask();
    task.initialize(new SourceContext());
    task.start(connector.taskConfigs(1).get(0));
    try {
      assertThat(poll(task, 4)).as("three events and the bad entry's dead letter").hasSize(4);
      assertThat(admin.entries("claims:failed")).as("poison and bad").hasSize(2);
      // enough for both lanes
      admin.addClaims(stream, 8);
      assertThat(poll(task, 8)).hasSize(8);
      assertThat(poll(task, 0)).isEmpty();
      assertThat(admin.pending(stream, GROUP)).isZero();
      admin.call("XGROUP", "DESTROY", stream, GROUP);
      admin.addClaims(stream, 2);
      assertThat(poll(task, 2)).as("at least once with several lanes").hasSizeGreaterThan(1);
    } finally {
      task.stop();
    }
    Map<String, ?> partition = Map.of("stream", stream, "group", GROUP, "consumer", "source-0");
    Map<Map<String, ?>, @Nullable Map<String, ?>> reset = new HashMap<>();
    reset.put(partition, null);
    connector.alterOffsets(source(), reset);
    connector.stop();
  }

  /** Polls until that many records have come, and some more times; Kafka gets all of them. */
  private static List<SourceRecord> poll(SourceTask task, int expected)
      throws InterruptedException {
    List<SourceRecord> records = new ArrayList<>();
    int quiet = 0;
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end && (records.size() < expected || quiet < 8)) {
      List<SourceRecord> polled = task.poll();
      quiet = polled == null ? quiet + 1 : 0;
      if (polled != null) {
        for (SourceRecord record : polled) {
          task.commitRecord(record, SENT);
          records.add(record);
        }
        task.commit();
      }
    }
    return records;
  }

  /** All that a sink does in its life: writes, trims, puts aside, and replays. */
  private void runSink() {
    // an old entry that a group has not acknowledged
    admin.call("XADD", "claims:analytics", "1-1", "n", "0");
    admin.call("XGROUP", "CREATE", "claims:analytics", "readers", "0");
    admin.call("XREADGROUP", "GROUP", "readers", "r", "STREAMS", "claims:analytics", ">");

    RedisStreamSinkConnector connector = new RedisStreamSinkConnector();
    connector.start(sink());
    RedisStreamSinkTask task = new RedisStreamSinkTask();
    task.initialize(new SinkContext());
    task.start(connector.taskConfigs(1).get(0));
    try {
      task.open(List.of(new TopicPartition("claims.analytics", 0)));
      task.put(List.of(record(0, Map.of("n", 1)), record(1, Map.of()), record(2, Map.of("n", 2))));
      task.put(List.of(record(3, Map.of("n", 3))));
      task.put(List.of()); // for the replies
    } finally {
      task.stop();
    }
    assertThat(admin.entries("claims:analytics")).hasSize(4);
    assertThat(admin.entries("claims:failed")).hasSize(1);
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims.analytics", 0), 1L);
    connector.alterOffsets(sink(), offsets);
    assertThat(
            Replies.text(
                admin.call(
                    "HGET",
                    "claimstream:v1:offsets:{claims:analytics}:sink",
                    "claims.analytics-0")))
        .startsWith("0 ");
    offsets.put(new TopicPartition("claims.analytics", 0), null);
    connector.alterOffsets(sink(), offsets);
    connector.alterOffsets(sink(), Map.of());
    connector.stop();
  }

  private static SinkRecord record(long offset, Map<String, Integer> value) {
    return new SinkRecord(
        "claims.analytics",
        0,
        null,
        null,
        null,
        value,
        offset,
        1_000L + offset,
        TimestampType.CREATE_TIME);
  }
}
