/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.redis.metrics.Counter;
import io.claimstream.connect.redis.metrics.TaskMetrics;
import io.claimstream.quickstart.stack.FreePorts;
import io.claimstream.quickstart.stack.LoopbackJmx;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
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
  private final Dashboard dashboard = Dashboard.start(FreePorts.free(), LoopbackJmx.url(jmxPort));
  private LoopbackJmx worker;

  @BeforeEach
  void startWorker() throws IOException {
    worker = LoopbackJmx.serve(jmxPort);
  }

  @AfterEach
  void close() throws IOException {
    dashboard.close();
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

  private JsonNode awaitFigures(Predicate<JsonNode> condition) {
    return await().atMost(PATIENCE).until(() -> figures(""), condition);
  }

  @Test
  void tellsTheMetricsOfEachTask() {
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
  void aBrowserDrawsTheFigures(@TempDir(cleanup = CleanupMode.NEVER) Path profile)
      throws Exception {
    // given
    Optional<Path> chromium =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv().getOrDefault("PATH", ""))
            .map(folder -> Path.of(folder, "chromium"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(chromium.isPresent(), "no chromium on the PATH: the page is not looked at");
    tagged.gauge("stream-length", "Entries", () -> 4711);
    tagged.gauge("group-lag", "Entries not read", () -> Double.NaN);
    awaitFigures(json -> json.path("tasks").size() == 1);

    // when
    Process browser =
        new ProcessBuilder(
                chromium.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile,
                "--virtual-time-budget=5000",
                "--dump-dom",
                dashboard.url())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String page = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    // then
    assertThat(browser.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(page)
        .contains("Live: claims-source")
        .containsPattern(">4,711</div>")
        .containsPattern("Lag</div><div class=\"value unknown\">unknown</div>")
        .containsPattern("<path d=\"M[^\"]+L");
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
