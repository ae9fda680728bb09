/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/** A real Prometheus on loopback, from the PATH or else from Debian's archive. */
final class Prometheus implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final String url;
  private final ServerProcess process;

  private Prometheus(String url, ServerProcess process) {
    this.url = url;
    this.process = process;
  }

  /** What a program has said, and how it ended. */
  record Outcome(int status, String output) {}

  /** Folder of the two programs; where they cannot be had, the test is passed over. */
  static Path programs() {
    return Pattern.compile(Pattern.quote(System.getProperty("path.separator")))
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .map(Path::of)
        .filter(Prometheus::holdsBoth)
        .findFirst()
        .orElseGet(Prometheus::collected);
  }

  private static Path collected() {
    Path folder = Path.of(System.getProperty("prometheus", "target/prometheus"));
    Path programs = folder.resolve("usr/bin");
    if (!holdsBoth(programs)) {
      Outcome outcome = run(List.of("./collect-prometheus", folder.toString()));
      if (!holdsBoth(programs)) {
        throw new TestAbortedException(
            "no prometheus and promtool on the PATH, and Debian's cannot be had: "
                + outcome.output());
      }
    }
    return programs;
  }

  private static boolean holdsBoth(Path folder) {
    return Files.isExecutable(folder.resolve("prometheus"))
        && Files.isExecutable(folder.resolve("promtool"));
  }

  /** Runs promtool. */
  static Outcome promtool(String... arguments) {
    List<String> command = new ArrayList<>(List.of(programs().resolve("promtool").toString()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static Outcome run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException(command + " does not end");
      }
      return new Outcome(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /**
   * Starts it.
   *
   * @param dir folder of its data and log
   */
  static Prometheus start(Path configuration, Path dir) {
    int port = FreePorts.free();
    String url = "http://127.0.0.1:" + port;
    ServerProcess process =
        new ServerProcess(
            "prometheus",
            dir,
            List.of(
                programs().resolve("prometheus").toString(),
                "--config.file=" + configuration.toAbsolutePath(),
                "--storage.tsdb.path=" + dir.toAbsolutePath().resolve("data"),
                "--web.listen-address=127.0.0.1:" + port),
            () -> get(url + "/-/ready").statusCode() == 200,
            START_TIMEOUT);
    process.start();
    return new Prometheus(url, process);
  }

  static HttpResponse<String> get(String uri) throws IOException {
    try {
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + uri, e);
    }
  }

  /** The data of an answer of its API. */
  JsonNode api(String path) {
    try {
      JsonNode answer = JSON.readTree(get(url + "/api/v1/" + path).body());
      if (!answer.path("status").asText().equals("success")) {
        throw new IllegalStateException(path + " answered " + answer);
      }
      return answer.path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The samples of an expression now. */
  JsonNode query(String expression) {
    return api("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
        .path("result");
  }

  @Override
  public void close() {
    process.close();
  }
}
