/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.quickstart.dashboard.DashboardSources.DeadLetter;
import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import io.claimstream.quickstart.dashboard.DashboardSources.NotFoundException;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.LoopbackJmx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The MBeans of this JVM stand in for the worker's. */
class DashboardTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final int jmxPort = FreePorts.free();
  private final HttpClient client = HttpClient.newHttpClient();
  private final TaskMetrics metrics =
      TaskMetrics.of(
          "claims-source",
          "0",
          () -> {
            throw new NoSuchMethodError("an old worker");
          });
  private final TaskMetrics.Tagged tagged =
      metrics.tagged("stream", "claims:events", "group", "claims-processors");
  private final FakeConnect connect = FakeConnect.start();
  private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
  private final Dashboard dashboard =
      Dashboard.start(
          FreePorts.free(),
          LoopbackJmx.url(jmxPort),
          new DashboardSources(
              new ConnectRest(connect.url(), Duration.ofSeconds(2)),
              () -> new Latency(6, 9),
              () -> List.copyOf(letters),
              DashboardTest::claim,
              DashboardTest::claimAsOf));
  private LoopbackJmx worker;

  private static Optional<JsonNode> claim(String id) {
    if (!id.equals("CLM-100042")) {
      return Optional.empty();
    }
    return Optional.of(
        JSON.createObjectNode()
            .put("claim", id)
            .<ObjectNode>set("snapshot", JSON.createObjectNode().put("status", "ok"))
            .<ObjectNode>set("figures", JSON.createObjectNode())
            .set("events", JSON.createArrayNode()));
  }

  private static JsonNode claimAsOf(String id, Instant instant) {
    if (instant.isAfter(Instant.parse("2026-12-31T00:00:00Z"))) {
      throw new NotFoundException(instant + " is in the future", new IllegalStateException());
    }
    return JSON.createObjectNode()
        .put("claim", id)
        .put("asOf", instant.toString())
        .put("start", "")
        .set("state", JSON.createObjectNode().put("status", "in review"));
  }

  private static DeadLetter letter() {
    return new DeadLetter(
        "stream claims:failed",
        "7-0",
        "claims:events 5-0",
        "claims-source",
        "field claim_id is missing",
        "2026-01-02T03:04:05.678Z",
        "type=claim_submitted note=<b>no claim_id</b>");
  }

  @BeforeEach
  void startWorker() throws IOException {
    worker = LoopbackJmx.serve(jmxPort);
  }

  @AfterEach
  void close() throws IOException {
    dashboard.close();
    connect.close();
    worker.close();
    metrics.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(dashboard.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode figures(String query) throws IOException, InterruptedException {
    return JSON.readTree(get("figures.json" + query).body());
  }

  private JsonNode awaitState(Predicate<JsonNode> condition) {
    return await().atMost(PATIENCE).until(() -> JSON.readTree(get("state.json").body()), condition);
  }

  private int port() {
    return URI.create(dashboard.url()).getPort();
  }

  private HttpResponse<String> post(String path, boolean fromOwnPage)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(dashboard.url() + path))
            .POST(HttpRequest.BodyPublishers.noBody());
    if (fromOwnPage) {
      request.header("X-Claimstream", "page");
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode awaitFigures(Predicate<JsonNode> condition) {
    return await().atMost(PATIENCE).until(() -> figures(""), condition);
  }

  @Test
  void showsTheMetricsOfEachTask() {
    Counter read = tagged.counter("entries-read", "Entries read");
    tagged.gauge("group-lag", "Entries not read", () -> Double.NaN);
    tagged.gauge("breaker-state", "The breaker", () -> 2);
    read.add(7);

    JsonNode task = awaitFigures(json -> json.path("tasks").size() == 1).path("tasks").path(0);

    assertThat(task.path("connector").asText()).isEqualTo("claims-source");
    assertThat(task.path("task").asText()).isEqualTo("0");
    assertThat(task.path("stream").asText()).isEqualTo("claims:events");
    assertThat(task.path("group").asText()).isEqualTo("claims-processors");
    assertThat(task.path("values").path("entries-read-total").asDouble()).isEqualTo(7);
    assertThat(task.path("values").path("breaker-state").asDouble()).isEqualTo(2);
    assertThat(task.path("values").path("group-lag").isNull()).as("unknown").isTrue();
  }

  @Test
  void givesTheHeadlinesAfterTheOnesThePageHas() throws Exception {
    tagged.gauge("stream-length", "Entries", () -> 12);

    JsonNode first = awaitFigures(json -> json.path("history").size() >= 2);
    long last = first.path("history").path(first.path("history").size() - 1).path("time").asLong();
    JsonNode next =
        await()
            .atMost(PATIENCE)
            .until(() -> figures("?after=" + last), json -> !json.path("history").isEmpty());

    assertThat(next.path("history")).allMatch(point -> point.path("time").asLong() > last);
    assertThat(next.path("history").path(0).path("streamLength").asDouble()).isEqualTo(12);
  }

  @Test
  void goesOnWhenTheWorkerRestarts() throws IOException {
    tagged.gauge("stream-length", "Entries", () -> 12);
    awaitFigures(json -> json.path("answering").asBoolean());

    worker.close();
    JsonNode without = awaitFigures(json -> !json.path("answering").asBoolean());
    worker = LoopbackJmx.serve(jmxPort);
    JsonNode again = awaitFigures(json -> json.path("answering").asBoolean());

    assertThat(without.path("tasks")).as("the last known").hasSize(1);
    assertThat(again.path("read").asLong()).isGreaterThan(without.path("read").asLong());
  }

  @Test
  void servesOnePageThatNeedsNothingElse() throws Exception {
    HttpResponse<String> page = get("");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(page.body())
        .contains("figures.json", "prefers-color-scheme: dark", "width=device-width")
        .doesNotContain("src=", "@import", "https://")
        .doesNotContainPattern("url\\(");
    assertThat(get("other").statusCode()).isEqualTo(404);
  }

  @Test
  void showsTheStateOfEachTaskWithTheTraceOfAFailedOne() {
    connect.fails("ConnectException: Tolerance exceeded\nCaused by: DataException: no claim_id");

    JsonNode connector =
        awaitState(json -> json.findPath("tasks").findPath("state").asText().equals("FAILED"))
            .path("connectors")
            .path(0);

    assertThat(connector.path("name").asText()).isEqualTo("claims-source");
    assertThat(connector.path("connector").path("state").asText()).isEqualTo("RUNNING");
    assertThat(connector.path("tasks").path(0).path("state").asText()).isEqualTo("FAILED");
    assertThat(connector.path("tasks").path(0).path("trace").asText()).contains("no claim_id");
  }

  @Test
  void keepsTheLastStateWhileConnectIsAway() throws Exception {
    awaitState(json -> json.path("answering").asBoolean());

    connect.close();
    JsonNode without = awaitState(json -> !json.path("answering").asBoolean());

    assertThat(without.path("connectors")).hasSize(1);
  }

  @Test
  void restartsATaskOrAConnectorThroughConnect() throws Exception {
    connect.fails("ConnectException: no");

    assertThat(post("restart?connector=claims-source&task=0", true).statusCode()).isEqualTo(200);
    assertThat(post("restart?connector=claims-source", true).statusCode()).isEqualTo(200);

    assertThat(connect.restarts())
        .containsExactly(
            "/connectors/claims-source/tasks/0/restart",
            "/connectors/claims-source/restart?includeTasks=true&onlyFailed=false");
  }

  @Test
  void aPageOfAnotherSiteCanNeitherRestartNorRead() throws Exception {
    assertThat(post("restart?connector=claims-source", false).statusCode()).isEqualTo(403);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket
          .getOutputStream()
          .write(
              "GET /state.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 403");
    }
    assertThat(connect.restarts()).isEmpty();
  }

  @Test
  void aRestartThatNamesNothingOrThatConnectRefusesSaysSo() throws Exception {
    assertThat(post("restart", true).statusCode()).isEqualTo(400);
    assertThat(post("restart?connector=claims-source&task=x", true).statusCode()).isEqualTo(400);
    HttpResponse<String> refused = post("restart?connector=other", true);
    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(refused.body()).contains("no connector of that name");
  }

  @Test
  void showsDeadLettersWithTheirReasons() {
    letters.add(letter());

    JsonNode told =
        awaitState(json -> json.path("deadLetters").size() == 1).path("deadLetters").path(0);

    assertThat(told.path("reason").asText()).isEqualTo("field claim_id is missing");
    assertThat(told.path("origin").asText()).isEqualTo("claims:events 5-0");
  }

  @Test
  void countsTheDeadLettersOfConvertersToo() {
    tagged.counter("dead-letters", "Dead letters").add(2);
    try (Metrics connectOwn =
        new Metrics(
            new MetricConfig(),
            List.of(new JmxReporter()),
            Time.SYSTEM,
            new KafkaMetricsContext("kafka.connect"))) {
      connectOwn.addMetric(
          connectOwn.metricName(
              "deadletterqueue-produce-requests",
              "task-error-metrics",
              "",
              Map.of("connector", "claims-analytics-sink", "task", "0")),
          (Gauge<Double>) (config, now) -> 5.0);

      JsonNode history =
          awaitFigures(json -> json.path("history").findValuesAsText("deadLetters").contains("7.0"))
              .path("history");

      assertThat(history.path(history.size() - 1).path("deadLetters").asDouble()).isEqualTo(7);
    }
  }

  @Test
  void looksUpAClaim() throws Exception {
    assertThat(JSON.readTree(get("claim.json?id=CLM-100042").body()).path("snapshot"))
        .isEqualTo(JSON.createObjectNode().put("status", "ok"));
    assertThat(get("claim.json?id=CLM-1").statusCode()).isEqualTo(404);
  }

  @Test
  void looksUpAClaimAsOfAnInstant() throws Exception {
    JsonNode found =
        JSON.readTree(get("claim.json?id=CLM-100042&as-of=2026-11-30T10:30:00Z").body());
    HttpResponse<String> early = get("claim.json?id=CLM-100042&as-of=2999-01-01T00:00:00Z");
    HttpResponse<String> wrong = get("claim.json?id=CLM-100042&as-of=noon");

    assertThat(found.path("state").path("status").asText()).isEqualTo("in review");
    assertThat(early.statusCode()).isEqualTo(404);
    assertThat(early.body()).contains("2999-01-01T00:00:00Z is in the future");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("'noon' is not an instant such as 2026-11-30T10:30:00Z");
  }

  @Test
  void showsTheLatencyFromRedisToTheRead() {
    JsonNode point = awaitFigures(json -> !json.path("history").isEmpty()).path("history").path(0);

    assertThat(point.path("latencyP50").asDouble()).isEqualTo(6);
    assertThat(point.path("latencyP99").asDouble()).isEqualTo(9);
  }

  @Test
  void aBrowserShowsFiguresAFailedTaskAnOutageAndDeadLetters(
      @TempDir(cleanup = CleanupMode.NEVER) Path profile) throws Exception {
    AtomicInteger breaker = new AtomicInteger();
    tagged.gauge("stream-length", "Entries", () -> breaker.get() == 0 ? 4711 : Double.NaN);
    tagged.gauge("group-lag", "Entries not read", () -> Double.NaN);
    tagged.gauge("breaker-state", "The breaker", breaker::get);
    awaitFigures(json -> json.path("tasks").size() == 1);
    try (Browser browser = Browser.start(profile)) {
      // all is well
      browser.open(dashboard.url());
      awaitText(browser, "Live: claims-source");
      awaitText(browser, "4,711");
      awaitText(browser, "p99 9.0 ms");
      assertThat(browser.evaluate("document.querySelector('.tile .unknown').textContent"))
          .isEqualTo("unknown");
      String lines =
          "[...document.querySelectorAll('svg path')].map(line => line.getAttribute('d')).join()";
      await().atMost(PATIENCE).until(() -> browser.evaluate(lines), drawn -> drawn.contains("L"));
      browser.picture(Path.of("target/dashboard-well.png"));

      // a failed task, and its restart
      connect.fails("ConnectException: Tolerance exceeded\n\tat a.B\nCaused by: no claim_id");
      awaitText(browser, "FAILED: claims-source task 0");
      awaitText(browser, "ConnectException: Tolerance exceeded (Caused by: no claim_id)");
      assertThat(browser.evaluate("document.getElementById('state').className")).isEqualTo("bad");
      assertThat(browser.text()).contains("FAILED\n1 not running");
      browser.picture(Path.of("target/dashboard-failed.png"));
      browser.evaluate("document.querySelectorAll('#connectors button')[1].click()");
      await().atMost(PATIENCE).until(() -> connect.restarts().size() == 1);
      awaitText(browser, "Live: claims-source");

      // another one, whose cause says what the exception says already
      connect.fails("DataException: entry 5-0: no x\n\tat a.B\nCaused by: a.Bad: entry 5-0: no x");
      awaitText(browser, "DataException: entry 5-0: no x");
      assertThat(browser.text()).doesNotContain("Caused by");
      browser.evaluate("document.querySelectorAll('#connectors button')[1].click()");
      awaitText(browser, "Live: claims-source");

      // an outage of Redis, during which nobody knows its limit of memory
      assertThat(browser.text()).contains("no memory limit");
      breaker.set(2);
      awaitText(browser, "Redis is unavailable; the connectors");
      await().atMost(PATIENCE).until(browser::text, text -> !text.contains("no memory limit"));
      browser.picture(Path.of("target/dashboard-outage.png"));
      breaker.set(0);
      awaitText(browser, "Live: claims-source");

      // a dead letter, whose text is text
      letters.add(letter());
      awaitText(browser, "field claim_id is missing");
      awaitText(browser, "note=<b>no claim_id</b>");
      browser.picture(Path.of("target/dashboard-letters.png"));

      // a claim
      browser.evaluate(
          "document.querySelector('#lookup input').value = 'CLM-100042';"
              + "document.querySelector('#lookup button').click()");
      awaitText(browser, "Snapshot of CLM-100042");
      browser.evaluate(
          "document.querySelector('#lookup [name=as-of]').value = '2026-11-30T10:30:00Z';"
              + "document.querySelector('#lookup button').click()");
      awaitText(browser, "CLM-100042 as of 2026-11-30T10:30:00Z");
      assertThat(browser.text()).contains("in review").doesNotContain("Snapshot of CLM-100042");

      // the worker is gone
      worker.close();
      connect.close();
      awaitText(browser, "Connect's REST API does not reply; showing its last reply");
      awaitText(browser, "No reply from the worker");
    }
    worker = LoopbackJmx.serve(jmxPort);
  }

  private static void awaitText(Browser browser, String wanted) {
    await().atMost(PATIENCE).until(browser::text, text -> text.contains(wanted));
  }

  @Test
  void answersToGetOnly() throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(dashboard.url()))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();

    assertThat(client.send(post, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(405);
  }
}
