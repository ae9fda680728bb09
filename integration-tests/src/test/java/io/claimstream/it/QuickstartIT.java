/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The demo as the launcher starts it. */
class QuickstartIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path MODULE = ROOT.resolve("quickstart-demo");

  private static final int LONGEST_MINUTES = 4;

  record Outcome(int status, String output) {}

  /** The folder of a run; an absolute one, since the launcher is called from elsewhere. */
  static Path folder() {
    return Path.of("target", Stack.unique("quickstart")).toAbsolutePath();
  }

  static Process start(Path folder, String... options) throws IOException {
    return start(LONGEST_MINUTES, folder, options);
  }

  /** Starts the demo; it is killed after so many minutes. */
  static Process start(int longestMinutes, Path folder, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dclaimstream.home=" + ROOT,
                "-Dclaimstream.stack=" + ROOT.resolve("local-stack/servers"),
                "-cp",
                MODULE.resolve("target/classes") + ":" + MODULE.resolve("target/lib") + "/*",
                "io.claimstream.quickstart.demo.Quickstart"));
    command.addAll(Arrays.asList(options));
    command.addAll(List.of("--dir", folder.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    // a test that waits for a line in vain gets the end of the output instead
    CompletableFuture.delayedExecutor(longestMinutes, TimeUnit.MINUTES)
        .execute(process::destroyForcibly);
    return process;
  }

  private static Outcome run(String... options) throws IOException, InterruptedException {
    return run(start(folder(), options));
  }

  static Outcome run(Process process) throws IOException, InterruptedException {
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as(output).isTrue();
      return new Outcome(process.exitValue(), output);
    } finally {
      process.destroy();
    }
  }

  /** Reads on until a line matches, and returns all that was read. */
  static String readUntil(BufferedReader output, String pattern) throws IOException {
    StringBuilder read = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      read.append(line).append('\n');
      if (Pattern.compile(pattern).matcher(line).find()) {
        return read.toString();
      }
    }
    throw new AssertionError("no line with " + pattern + " in: " + read);
  }

  private static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static ProcessHandle server(Path folder, String name) throws IOException {
    String[] file = Files.readString(folder.resolve(name).resolve(name + ".pid")).split(" ", -1);
    return ProcessHandle.of(Long.parseLong(file[0])).orElseThrow();
  }

  @Test
  void everyEventArrivesOnceAndTheAnalyticsComeBack() throws IOException, InterruptedException {
    Outcome outcome = run("--events", "2000", "--exit");

    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(outcome.output())
        .containsPattern("Dashboard: +http://127\\.0\\.0\\.1:\\d+/")
        .contains("every event arrived exactly once")
        .containsPattern("duplicates +0\\R")
        .containsPattern("missing +0\\R")
        .containsPattern("pending in Redis +0\\R")
        .containsPattern("snapshots +\\d+ claims with 2,000 events\\R")
        .containsPattern("cold start +[\\d,]+ ms for the first event, analytics back")
        .contains("claims.events-value")
        .contains("claims.analytics-value")
        .contains("claims.snapshots-value");
  }

  @Test
  void givenRedisTheWorkerAndAnEntryAreBrokenThenEveryEventStillArrivesOnceAndThePageShowsIt()
      throws IOException, InterruptedException {
    Path folder = folder();
    Process process =
        start(folder, "--events", "2000", "--rate", "50", "--break", "redis,worker,entry");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      Matcher page =
          Pattern.compile("http://\\S+/").matcher(readUntil(output, "Dashboard: +http://.*"));
      assertThat(page.find()).isTrue();
      try (DashboardWatch watch = new DashboardWatch(page.group())) {
        String run = readUntil(output, "The stack stays up until Ctrl-C");

        assertThat(run)
            .containsPattern("Recovered: Redis was down for [\\d.]+ s; [\\d.]+ s after its restart")
            .contains("Recovered: the Connect worker was down for")
            .doesNotContain("It is back")
            .containsPattern("claims-source task 0 FAILED: .*claim_id' is missing")
            .containsPattern("Recovered: entry \\d+-\\d+ failed the task .* it is in claims:failed")
            .containsPattern("duplicates +0\\R")
            .containsPattern("missing +0\\R")
            .contains("every event arrived exactly once");
        assertThat(watch.traces()).anyMatch(trace -> trace.contains("'claim_id' is missing"));
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () ->
                    assertThat(watch.get("state.json").path("deadLetters").findPath("reason"))
                        .asString()
                        .contains("'claim_id' is missing"));
        assertThat(watch.get("claim.json?id=CLM-100000").path("events")).isNotEmpty();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> watch.get("claim.json?id=CLM-100000").path("snapshot").has("last_type"));
      }

      Outcome claim = run(start(folder, "show", "CLM-100000"));
      assertThat(claim.status()).as(claim.output()).isZero();
      assertThat(claim.output())
          .contains("Claim CLM-100000", "claim_submitted  (partition", "stream_id")
          .containsPattern("Snapshot in Redis, key claim:CLM-100000\\R(?s:.*)last_type")
          .containsPattern("claim_submitted@\\S+  count \\d+, total [\\d.]+, mean");
      Outcome unknown = run(start(folder, "show", "CLM-1"));
      assertThat(unknown.status()).isEqualTo(1);
      assertThat(unknown.output()).contains("Kafka contains no event of claim CLM-1");

      signal(process.toHandle(), "INT");
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void givenARedisThatFreezesThenTheRunGoesOnAndSumsUpAtCtrlC()
      throws IOException, InterruptedException {
    Path folder = folder();
    Process process = start(folder, "--rate", "50");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(output, "written [\\d,]+ .*p50 \\d+ ms");

      ProcessHandle redis = server(folder, "redis");
      signal(redis, "STOP");
      readUntil(output, "Redis does not reply");
      signal(redis, "CONT");
      readUntil(output, "Redis is available again after");
      readUntil(output, "written [\\d,]+ .*p50 \\d+ ms");

      // Ctrl-C reaches the servers, too
      signal(redis, "INT");
      signal(process.toHandle(), "INT");
      String end = readUntil(output, "Stopping");
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(end).isZero();
      assertThat(end)
          .containsPattern("duplicates +0\\R")
          .containsPattern("in flight +\\d+\\R")
          .contains("stopped by Ctrl-C; no duplicates")
          .doesNotContain("FAILED");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Asks the dashboard again and again, as its page does, and keeps the traces it shows. */
  private static final class DashboardWatch implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String page;
    private final Set<String> traces = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> asking;

    DashboardWatch(String page) {
      this.page = page;
      this.asking = thread.scheduleWithFixedDelay(this::look, 0, 200, TimeUnit.MILLISECONDS);
    }

    private void look() {
      try {
        traces.addAll(get("state.json").findValuesAsText("trace"));
      } catch (IOException | InterruptedException notNow) {
        // the next look comes soon
      }
    }

    Set<String> traces() {
      return traces;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
      HttpRequest request = HttpRequest.newBuilder(URI.create(page + path)).build();
      return JSON.readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    @Override
    public void close() {
      asking.cancel(true);
      thread.shutdownNow();
    }
  }

  @Test
  void givenALauncherThatWasKilledThenTheNextRunEndsWhatItLeft()
      throws IOException, InterruptedException {
    Path folder = folder();
    Process killed = start(folder, "--no-dashboard");
    List<ProcessHandle> left;
    try (BufferedReader output = killed.inputReader(StandardCharsets.UTF_8)) {
      readUntil(output, "Redis ready");
      left = killed.descendants().toList();
      killed.destroyForcibly().waitFor();
    }
    assertThat(left).isNotEmpty().anyMatch(ProcessHandle::isAlive);

    // the port is taken by this test, so that the next run ends at once
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(run(start(folder, "--redis-port", port)).status()).isEqualTo(1);
    }

    assertThat(left).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void whatFailsToStartSaysWhy() throws IOException, InterruptedException {
    Path folder = folder();
    Files.createDirectories(folder);
    // a checkout without a built zip
    Path home = Files.createDirectories(folder.resolve("checkout"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dclaimstream.home=" + home,
                "-cp",
                MODULE.resolve("target/classes") + ":" + MODULE.resolve("target/lib") + "/*",
                "io.claimstream.quickstart.demo.Quickstart",
                "--dir",
                folder.resolve("run").toString())
            .redirectErrorStream(true)
            .start();

    Outcome outcome = run(process);

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output()).contains("no plugin zip in " + home);
  }

  /** The launcher in a checkout in which nothing is built: anything but an answer would build. */
  private static Outcome launcher(String... arguments) throws IOException, InterruptedException {
    Path checkout = Files.createTempDirectory("claimstream-checkout");
    String options = "quickstart-demo/src/main/java/io/claimstream/quickstart/demo/Options.java";
    Files.createDirectories(checkout.resolve(options).getParent());
    for (String file : List.of("quickstart", "pom.xml", options)) {
      Files.copy(ROOT.resolve(file), checkout.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Path mvnw = checkout.resolve("mvnw");
    Files.write(mvnw, List.of("#!/bin/sh", "echo a build", "exit 1"));
    assertThat(mvnw.toFile().setExecutable(true)).isTrue();
    List<String> command = new ArrayList<>(List.of(checkout.resolve("quickstart").toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return run(builder.start());
  }

  @Test
  void aWrongArgumentIsReportedBeforeAnythingIsBuilt() throws IOException, InterruptedException {
    Outcome outcome = launcher("--break", "kafka");

    assertThat(outcome.status()).as(outcome.output()).isEqualTo(2);
    assertThat(outcome.output())
        .contains("--break can break redis, worker, registry, entry, not 'kafka'")
        .doesNotContain("Building");
  }

  @Test
  void versionAndHelpNeedNoBuild() throws IOException, InterruptedException {
    Outcome version = launcher("--version");
    Outcome help = launcher("--help");

    assertThat(version.status()).isZero();
    assertThat(version.output()).matches("Claimstream \\d+\\.\\d+\\S*\\R");
    assertThat(help.status()).isZero();
    assertThat(help.output()).contains("Usage: ./quickstart").doesNotContain("Building");
  }

  @Test
  void aTakenPortGetsOneClearLine() throws IOException, InterruptedException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = run("--redis-port", Integer.toString(taken.getLocalPort()));

      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.output())
          .contains("port " + taken.getLocalPort() + " is taken; choose another with --redis-port")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void anUnknownOptionGetsOneClearLine() throws IOException, InterruptedException {
    Outcome outcome = run("--evnts", "5");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.output()).contains("unknown option --evnts");
  }
}
