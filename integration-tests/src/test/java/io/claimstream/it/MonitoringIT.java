/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.LoopbackJmx;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files of config-examples/monitoring in use: the exporter's agent in a worker with both
 * connectors, promtool, and a Prometheus that scrapes the worker. And docs/reference/metrics.md
 * beside what the worker has.
 */
@ExtendWith(Stack.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Path MONITORING =
      Path.of(System.getProperty("examples", "")).resolve("monitoring");
  private static final Path METRICS = Path.of("../docs/reference/metrics.md");

  private static final Pattern DOCUMENTED =
      Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (counter|timing|gauge) \\|");
  private static final Pattern EXPORTED =
      Pattern.compile("(?m)^(claimstream_(?:source|sink)_\\w+)\\{(.*)} ");
  private static final Pattern METRIC_NAME =
      Pattern.compile("\\b(?:claimstream|kafka_connect)_[a-z_]+\\b");

  private final Stack stack;
  private final String source = Stack.unique("source");
  private final String sink = Stack.unique("sink");
  private final String states = Stack.unique("states");
  private final String keys = Stack.unique("claim") + ":${key}";
  private final String stream = Stack.unique("claims:events");
  private final String target = Stack.unique("claims:analytics");
  private final int jmxPort = FreePorts.free();
  private final int exporterPort = FreePorts.free();
  private final Topic topic;
  private ConnectWorker worker;

  MonitoringIT(Stack stack) {
    this.stack = stack;
    this.topic = stack.topic(stream.replace(':', '.'));
  }

  @BeforeAll
  void startBothConnectorsOnAMonitoredWorker() {
    stack.createTopics(Map.of(topic.name(), 1));
    List<String> jvm =
        new ArrayList<>(LoopbackJmx.jvmOptions(stack.directory(Stack.unique("jmx")), jmxPort));
    jvm.add(
        "-javaagent:%s=127.0.0.1:%d:%s"
            .formatted(
                Path.of(System.getProperty("jmx.exporter", "")).toAbsolutePath(),
                exporterPort,
                MONITORING.resolve("jmx-exporter.yml").toAbsolutePath()));
    worker = stack.workerWithJvm(jvm);
    Map<String, String> common =
        Map.of(
            "value.converter", "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable", "false",
            "redis.failed.stream", stream + ":failed",
            "errors.tolerance", "all");
    Map<String, String> read = new HashMap<>(common);
    read.put("redis.streams", stream);
    worker.rest().createOrUpdate(source, stack.example("claims-source.json", read));
    Map<String, String> write = new HashMap<>(common);
    write.put("topics", topic.name());
    write.put("redis.stream", target);
    write.put("consumer.override.group.id", sink);
    worker.rest().createOrUpdate(sink, stack.example("claims-analytics-sink.json", write));
    Map<String, String> model = new HashMap<>(common);
    model.put("topics", topic.name());
    model.put("redis.key", keys);
    worker.rest().createOrUpdate(states, stack.example("claims-snapshots-sink.json", model));
    worker.rest().awaitRunning(source, PATIENCE);
    worker.rest().awaitRunning(sink, PATIENCE);
    worker.rest().awaitRunning(states, PATIENCE);
    try (Redis redis = stack.redis()) {
      redis.addClaims(stream, 100);
      await().atMost(PATIENCE).until(() -> redis.entries(target).size() == 100);
    }
  }

  @AfterAll
  void endTheWorker() {
    if (worker != null) {
      worker.rest().delete(source);
      worker.rest().delete(sink);
      worker.rest().delete(states);
      worker.close();
    }
  }

  /** The attributes that a table of docs/reference/metrics.md stands for. */
  private static Set<String> documented(String heading) throws IOException {
    String text = Files.readString(METRICS);
    int start = text.indexOf("\n## " + heading + "\n");
    int end = text.indexOf("\n## ", start + 1);
    return DOCUMENTED
        .matcher(text.substring(start, end))
        .results()
        .flatMap(row -> attributes(row.group(1), row.group(2)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> attributes(String name, String kind) {
    return switch (kind) {
      case "counter" -> Stream.of(name + "-total", name + "-rate");
      case "timing" -> Stream.of(name + "-avg", name + "-max");
      default -> Stream.of(name);
    };
  }

  /** The names in Prometheus that docs/reference/metrics.md says these attributes have. */
  private static Set<String> exported(String heading) throws IOException {
    return documented(heading).stream()
        .filter(name -> !name.endsWith("-rate"))
        .map(name -> name.replaceFirst("-(avg|max)$", "-$1-seconds"))
        .map(name -> name.replaceFirst("-ms$", "-seconds"))
        .map(
            name ->
                "claimstream_"
                    + heading.substring(heading.lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT)
                    + "_"
                    + name.replace('-', '_'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Source", "Sink", "State sink"})
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  void everyMetricIsDocumentedAndNoOther(String heading) throws Exception {
    // given
    String tags =
        switch (heading) {
          case "Source" -> source + ",task=0,stream=*,group=*";
          case "Sink" -> sink + ",task=0,stream=*";
          default -> states + ",task=0,keys=*";
        };
    ObjectName pattern = new ObjectName("kafka.connect:type=plugins,connector=" + tags);

    // when
    Set<String> live = new TreeSet<>();
    try (JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(jmxPort))) {
      MBeanServerConnection beans = jmx.getMBeanServerConnection();
      Set<ObjectName> names = beans.queryNames(pattern, null);
      assertThat(names).hasSize(1);
      for (ObjectName name : names) {
        Arrays.stream(beans.getMBeanInfo(name).getAttributes())
            .map(MBeanAttributeInfo::getName)
            .forEach(live::add);
      }
    }

    // then
    assertThat(documented(heading)).containsExactlyElementsOf(live);
  }

  @Test
  void theExporterPublishesWhatIsDocumentedWithTheTagsAsLabels() throws IOException {
    // when
    Map<String, List<String>> exported = new TreeMap<>();
    EXPORTED
        .matcher(exporter())
        .results()
        // connectors of other tests may not have ended yet
        .filter(m -> Stream.of(source, sink, states).anyMatch(m.group(2)::contains))
        .forEach(m -> exported.computeIfAbsent(m.group(1), n -> new ArrayList<>()).add(m.group(2)));

    // then
    Set<String> names = exported("Source");
    names.addAll(exported("Sink"));
    names.addAll(exported("State sink"));
    assertThat(exported.keySet()).containsExactlyElementsOf(names);
    assertThat(exported.get("claimstream_source_entries_read_total"))
        .anySatisfy(
            labels ->
                assertThat(labels)
                    .contains(
                        "connector=\"" + source + "\"",
                        "task=\"0\"",
                        "stream=\"" + stream + "\"",
                        "group=\"claims-processors\""));
    assertThat(exported.get("claimstream_sink_records_written_total"))
        .anySatisfy(
            labels ->
                assertThat(labels)
                    .contains("connector=\"" + sink + "\"", "stream=\"" + target + "\"")
                    .doesNotContain("group="))
        .anySatisfy(
            labels ->
                assertThat(labels)
                    .contains("connector=\"" + states + "\"", "stream=\"" + keys + "\""));
    assertThat(exporter())
        .contains("kafka_connect_connector_failed_tasks{connector=\"" + source + "\"")
        .containsPattern("claimstream_source_entries_read_total\\{[^}]*} [1-9]")
        .contains("# TYPE claimstream_source_entries_read_total counter");
  }

  private String exporter() throws IOException {
    return Prometheus.get("http://127.0.0.1:" + exporterPort + "/metrics").body();
  }

  @Test
  void theExporterPublishesTheStateOfEveryConnectorAndTask() throws IOException {
    // given a source whose first bad entry fails its task
    String failing = Stack.unique("failing");
    String bad = Stack.unique("bad");
    try (Redis redis = stack.redis()) {
      redis.add(bad, "type", "claim_submitted", "amount", "no claim");
    }
    worker
        .rest()
        .createOrUpdate(failing, stack.example("claims-source.json", Map.of("redis.streams", bad)));
    try {
      awaitExported(status("connector", source, "running"), status("task", source, "running"));
      awaitExported(status("connector", sink, "running"), status("task", sink, "running"));
      awaitExported(status("connector", failing, "running"), status("task", failing, "failed"));
      assertThat(exporter())
          .contains(
              "kafka_connect_connector_class{"
                  + "class=\"io.claimstream.connect.source.RedisStreamSourceConnector\","
                  + "connector=\""
                  + source
                  + "\"} 1.0")
          .contains("kafka_connect_connector_failed_tasks{connector=\"" + failing + "\"} 1.0")
          .contains("kafka_connect_connector_failed_tasks{connector=\"" + source + "\"} 0.0")
          .contains("kafka_connect_worker_connector_startup_failures_total 0.0")
          .contains("kafka_connect_worker_task_startup_failures_total 0.0");

      // when
      worker.rest().pause(source);

      // then
      awaitExported(status("connector", source, "paused"), status("task", source, "paused"));
      assertThat(exporter()).doesNotContain(status("connector", source, "running"));
      worker.rest().resume(source);
      awaitExported(status("connector", source, "running"), status("task", source, "running"));
    } finally {
      worker.rest().delete(failing);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(exporter()).doesNotContain("connector=\"" + failing + "\""));
  }

  private static String status(String of, String connector, String status) {
    return "kafka_connect_%s_status{connector=\"%s\",status=\"%s\"%s} 1.0"
        .formatted(of, connector, status, of.equals("task") ? ",task=\"0\"" : "");
  }

  private void awaitExported(String... lines) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(exporter()).contains(List.of(lines)));
  }

  @Test
  void promtoolAcceptsTheFilesAndEveryAlertPassesItsTests() throws IOException {
    Path alerts = MONITORING.resolve("alerts.yml");
    for (String[] command :
        List.of(
            new String[] {"check", "config", MONITORING.resolve("prometheus.yml").toString()},
            new String[] {"check", "rules", alerts.toString()},
            new String[] {"test", "rules", MONITORING.resolve("alerts.test.yml").toString()})) {
      Prometheus.Outcome outcome = Prometheus.promtool(command);

      assertThat(outcome.status()).as(outcome.output()).isZero();
    }
  }

  @Test
  @SuppressWarnings("BanJNDI") // the registry is our own worker's, on loopback
  void theMetricsEqualWhatRedisReportsWhileLoadRunsAndWhenItRests() throws Exception {
    // given entries that somebody else has read and not acknowledged
    String foreign = "somebody-else";
    worker.rest().pause(source);
    try (Redis redis = stack.redis();
        JMXConnector jmx = JMXConnectorFactory.connect(LoopbackJmx.url(jmxPort))) {
      MBeanServerConnection beans = jmx.getMBeanServerConnection();
      await().atMost(PATIENCE).until(() -> "PAUSED".equals(taskState()));
      await() // a read of the source may be on its way still
          .atMost(PATIENCE)
          .until(
              () -> {
                redis.addClaims(stream, 7);
                redis.call(
                    "XREADGROUP", "GROUP", SourceTestBase.GROUP, foreign, "STREAMS", stream, ">");
                return pendingOf(redis, foreign) > 0;
              });
      long others = pendingOf(redis, foreign);
      worker.rest().resume(source);

      for (int round = 0; round < 20; round++) {
        // when
        double before = metric(beans, source, "stream-length");
        redis.addClaims(stream, 500);

        // then what was sampled lies between what was and what is
        double sampled = metric(beans, source, "stream-length");
        double lag = metric(beans, source, "group-lag");
        double pending = metric(beans, source, "pending-entries");
        double now = length(redis, stream);
        assertThat(sampled).isBetween(before, now);
        assertThat(lag).isBetween(0.0, now);
        assertThat(pending).isBetween(0.0, now);
        assertThat(metric(beans, source, "records-produced-total"))
            .isLessThanOrEqualTo(metric(beans, source, "entries-read-total"));
      }

      // and when all is processed, what Redis says
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                Map<String, @Nullable Object> group = group(redis);
                assertThat(group.get("lag")).isEqualTo(0L);
                assertThat(group.get("pending")).isEqualTo(others);
                assertThat(metric(beans, source, "group-lag")).isZero();
                assertThat(metric(beans, source, "pending-entries"))
                    .isEqualTo((double) redis.pending(stream, SourceTestBase.GROUP));
                assertThat(metric(beans, source, "oldest-pending-age-ms")).isPositive();
                assertThat(metric(beans, source, "stream-length")).isEqualTo(length(redis, stream));
                assertThat(metric(beans, source, "in-flight-records")).isZero();
                assertThat(metric(beans, source, "entries-read-total") + others)
                    .isEqualTo(number(group.get("entries-read")));
                assertThat(metric(beans, source, "entries-acknowledged-total"))
                    .isEqualTo(metric(beans, source, "entries-read-total"));
                assertThat(metric(beans, source, "records-produced-total"))
                    .isEqualTo(topic.records().size());
                assertThat(metric(beans, sink, "records-written-total"))
                    .isEqualTo(length(redis, target));
                assertThat(metric(beans, sink, "stream-length")).isEqualTo(length(redis, target));
              });
      redis.call("XGROUP", "DELCONSUMER", stream, SourceTestBase.GROUP, foreign);
    }
  }

  private String taskState() {
    return worker.rest().status(source).path("tasks").path(0).path("state").asText();
  }

  private long pendingOf(Redis redis, String consumer) {
    return Replies.list(
            redis.call("XPENDING", stream, SourceTestBase.GROUP, "-", "+", 1_000, consumer))
        .size();
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static double length(Redis redis, String stream) {
    return number(redis.call("XLEN", stream));
  }

  private Map<String, @Nullable Object> group(Redis redis) {
    return Replies.map(Replies.list(redis.call("XINFO", "GROUPS", stream)).get(0));
  }

  /** One attribute of the only MBean that a connector has. */
  private static double metric(MBeanServerConnection beans, String connector, String name)
      throws JMException, IOException {
    ObjectName pattern =
        new ObjectName("kafka.connect:type=plugins,connector=" + connector + ",task=0,stream=*,*");
    ObjectName bean = beans.queryNames(pattern, null).iterator().next();
    return number(beans.getAttribute(bean, name));
  }

  @Test
  void anInjectedFaultFiresItsAlert() throws IOException {
    // given
    try (Prometheus prometheus = startPrometheus();
        Redis redis = stack.redis()) {
      await()
          .atMost(PATIENCE)
          .until(() -> value(prometheus, "claimstream_source_entries_read_total") >= 100);
      assertThat(firing(prometheus)).isEmpty();

      // when
      redis.add(stream, "type", "claim_submitted", "amount", "no claim");

      // then
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(firing(prometheus)).containsExactly("ClaimstreamDeadLetters"));
      assertThat(value(prometheus, "claimstream_source_dead_letters_total")).isEqualTo(1);
      assertEveryRuleIsHealthy(prometheus);
      assertGrafanaAsksForWhatIsThere(prometheus);
    }
  }

  /** With the shipped files, scraping this test's worker every second. */
  private Prometheus startPrometheus() throws IOException {
    Path dir = Files.createDirectories(stack.directory(Stack.unique("prometheus")));
    Files.copy(MONITORING.resolve("alerts.yml"), dir.resolve("alerts.yml"));
    String shipped = Files.readString(MONITORING.resolve("prometheus.yml"));
    String quick =
        shipped.replace("15s", "1s").replace("localhost:9404", "127.0.0.1:" + exporterPort);
    return Prometheus.start(Files.writeString(dir.resolve("prometheus.yml"), quick), dir);
  }

  @Test
  void recordsThatAConverterFailsOnFireTheirAlert() throws IOException {
    // given a sink of the same settings as the others, of a topic of its own
    Topic garbage = stack.topic(Stack.unique("garbage"));
    String converting = Stack.unique("converting");
    stack.createTopics(Map.of(garbage.name(), 1));
    Map<String, String> settings = new HashMap<>();
    settings.put("topics", garbage.name());
    settings.put("redis.stream", Stack.unique("claims:analytics"));
    settings.put("consumer.override.group.id", converting);
    settings.put("errors.deadletterqueue.topic.name", garbage.name() + ".failed");
    worker.rest().createOrUpdate(converting, stack.example("claims-analytics-sink.json", settings));
    try (Prometheus prometheus = startPrometheus()) {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !prometheus
                      .query("claimstream:connector{connector=\"" + converting + "\"}")
                      .isEmpty());
      assertThat(firing(prometheus, converting)).isEmpty();

      // when
      garbage.produce("k", new byte[] {1, 2, 3});

      // then
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(firing(prometheus, converting))
                      .containsExactly("ClaimstreamConversionFailures"));
      assertThat(exporter())
          .contains(
              "kafka_connect_task_deadletterqueue_produce_requests_total{connector=\""
                  + converting
                  + "\",task=\"0\"} 1.0");
    } finally {
      worker.rest().delete(converting);
    }
  }

  @Test
  void aConnectorThatWaitsForTheSchemaRegistryIsShownForAsLongAsItWaits() throws IOException {
    // given a limit of moments instead of a minute
    String expression = expression("ClaimstreamRegistryUnavailable").replace("> 60", "> 1");
    String waiting = Stack.unique("waiting");
    String entries = Stack.unique("waiting");
    stack.createTopics(Map.of(entries, 1));
    try (Prometheus prometheus = startPrometheus();
        Redis redis = stack.redis();
        InterruptibleProxy registry =
            new InterruptibleProxy(URI.create(stack.registry().url()).getPort())) {
      String url =
          stack.registry().apicurioUrl().replaceFirst(":\\d+/", ":" + registry.port() + "/");
      registry.interrupt();
      redis.addClaims(entries, 1);

      // when
      worker
          .rest()
          .createOrUpdate(
              waiting,
              stack.example(
                  "claims-source.json",
                  Map.of("redis.streams", entries, "value.converter.apicurio.registry.url", url)));

      // then
      await()
          .atMost(PATIENCE)
          .until(() -> stalled(prometheus, expression).stream().anyMatch(waiting::equals));

      // and when
      registry.open();

      // then
      stack.topic(entries).await(1);
      await().atMost(PATIENCE).until(() -> stalled(prometheus, expression).isEmpty());
    } finally {
      worker.rest().delete(waiting);
    }
  }

  @Test
  void aSinkStandsStillWhileItsRedisIsGoneAndNotWhileNothingComes() throws IOException {
    // given a sink that has written all there was, with a look back of seconds instead of minutes
    Topic records = stack.topic(Stack.unique("standing"));
    String standing = Stack.unique("standing");
    stack.createTopics(Map.of(records.name(), 2));
    String expression = expression("ClaimstreamSinkStalled").replace("10m", "10s");
    RedisServer server =
        RedisServer.start(StackFiles.locate(), stack.directory(Stack.unique("redis")), 0);
    try (Prometheus prometheus = startPrometheus();
        server) {
      Map<String, String> settings = new HashMap<>();
      settings.put("topics", records.name());
      settings.put("redis.uri", server.uri());
      settings.put("redis.stream", "target");
      settings.put("consumer.override.group.id", standing);
      settings.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
      worker.rest().createOrUpdate(standing, stack.example("claims-analytics-sink.json", settings));
      records.produceTo(0, List.of(new byte[] {'a'}));
      records.produceTo(1, List.of(new byte[] {'b'}));
      String written =
          "sum(claimstream_sink_records_written_total{connector=\"" + standing + "\"})";
      String lag = "max(kafka_connect_sink_records_lag{connector=\"" + standing + "\"})";
      await().atMost(PATIENCE).until(() -> first(prometheus, written) == 2);
      await().atMost(PATIENCE).until(() -> first(prometheus, lag) == 0);
      String idle =
          "increase(claimstream_sink_records_written_total{connector=\"" + standing + "\"}[10s])";
      await().atMost(PATIENCE).until(() -> first(prometheus, idle) == 0);
      await()
          .atMost(PATIENCE)
          .until(() -> stalled(prometheus, expression).stream().noneMatch(standing::equals));

      // when
      server.close();
      for (int i = 0; i < 50; i++) {
        records.produceTo(0, List.of(new byte[] {'c'}));
      }

      // then
      await()
          .atMost(PATIENCE)
          .until(() -> stalled(prometheus, expression).stream().anyMatch(standing::equals));
      assertThat(stalled(prometheus, expression)).containsExactly(standing);
    } finally {
      worker.rest().delete(standing);
    }
  }

  private static String expression(String alert) throws IOException {
    JsonNode rules =
        YAMLMapper.builder()
            .build()
            .readTree(MONITORING.resolve("alerts.yml").toFile())
            .path("groups")
            .path(0)
            .path("rules");
    for (JsonNode rule : rules) {
      if (rule.path("alert").asText().equals(alert)) {
        return rule.path("expr").asText();
      }
    }
    throw new AssertionError("no alert " + alert);
  }

  private static double first(Prometheus prometheus, String expression) {
    JsonNode samples = prometheus.query(expression);
    return samples.isEmpty() ? Double.NaN : samples.path(0).path("value").path(1).asDouble();
  }

  private static List<String> stalled(Prometheus prometheus, String expression) {
    return prometheus.query(expression).findValuesAsText("connector");
  }

  private double value(Prometheus prometheus, String metric) {
    return prometheus
        .query("max(" + metric + "{connector=\"" + source + "\"})")
        .path(0)
        .path("value")
        .path(1)
        .asDouble();
  }

  private List<String> firing(Prometheus prometheus) {
    return firing(prometheus, source);
  }

  private static List<String> firing(Prometheus prometheus, String connector) {
    List<String> names = new ArrayList<>();
    for (JsonNode alert : prometheus.api("alerts").path("alerts")) {
      if (alert.path("state").asText().equals("firing")
          && alert.path("labels").path("connector").asText().equals(connector)) {
        names.add(alert.path("labels").path("alertname").asText());
      }
    }
    return names;
  }

  private static void assertEveryRuleIsHealthy(Prometheus prometheus) {
    JsonNode rules = prometheus.api("rules").path("groups").path(0).path("rules");
    assertThat(rules).isNotEmpty().allMatch(rule -> rule.path("health").asText().equals("ok"));
  }

  /** Every expression of the dashboard can be asked, and names only metrics that are there. */
  private void assertGrafanaAsksForWhatIsThere(Prometheus prometheus) throws IOException {
    JsonNode board =
        JsonMapper.builder()
            .build()
            .readTree(MONITORING.resolve("grafana-dashboard.json").toFile());
    List<String> expressions = board.path("panels").findValuesAsText("expr");
    String there = exporter();
    assertThat(expressions).hasSizeGreaterThan(20);
    for (String expression : expressions) {
      String asked =
          expression
              .replace("$__rate_interval", "1m")
              .replace("$__range", "1h")
              .replace("$connector", ".*");
      assertThat(prometheus.query(asked)).as(asked).isNotNull();
      METRIC_NAME
          .matcher(expression)
          .results()
          .map(MatchResult::group)
          .filter(name -> !name.endsWith("_"))
          .forEach(name -> assertThat(there).as(expression).contains("\n" + name + "{"));
    }
  }

  @Test
  void everyAlertHasATestInWhichItFires() throws IOException {
    // given
    YAMLMapper yaml = YAMLMapper.builder().build();
    JsonNode alerts = yaml.readTree(MONITORING.resolve("alerts.yml").toFile());
    JsonNode tests = yaml.readTree(MONITORING.resolve("alerts.test.yml").toFile());

    // when
    List<String> fired = new ArrayList<>();
    for (JsonNode test : tests.path("tests")) {
      for (JsonNode alert : test.path("alert_rule_test")) {
        if (!alert.path("exp_alerts").isEmpty()) {
          fired.add(alert.path("alertname").asText());
        }
      }
    }

    // then
    assertThat(fired)
        .containsAll(alerts.path("groups").path(0).path("rules").findValuesAsText("alert"));
  }
}
