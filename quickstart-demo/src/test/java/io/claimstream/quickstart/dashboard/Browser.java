/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.FreePorts;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/**
 * A real Chromium with one page, driven through its own debugging protocol: the one on the PATH, or
 * else Debian's, which is collected into the build's folder.
 */
final class Browser implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();
  private final Process process;
  private final WebSocket page;

  private Browser(Process process, int port) {
    this.process = process;
    this.page =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(debugger(port)), new Answers())
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
  }

  /**
   * Starts it with an empty page.
   *
   * @param profile an empty folder
   */
  static Browser start(Path profile) throws IOException {
    int port = FreePorts.free();
    Process process =
        new ProcessBuilder(
                program().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1200,1000",
                "--user-data-dir=" + profile,
                "--remote-debugging-address=127.0.0.1",
                "--remote-debugging-port=" + port,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    try {
      return new Browser(process, port);
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw new IOException(Files.readString(profile.resolve("chromium.log")), e);
    }
  }

  /** The program; where it cannot be had, the test is passed over. */
  private static Path program() throws IOException {
    Optional<Path> installed =
        Pattern.compile(Pattern.quote(File.pathSeparator))
            .splitAsStream(System.getenv().getOrDefault("PATH", ""))
            .map(folder -> Path.of(folder, "chromium"))
            .filter(Files::isExecutable)
            .findFirst();
    return installed.isPresent() ? installed.get() : collected();
  }

  private static Path collected() throws IOException {
    Path folder = Path.of("target/chromium").toAbsolutePath();
    Path program = folder.resolve("chromium");
    if (!Files.isExecutable(program)) {
      Process collect =
          new ProcessBuilder("./collect-chromium", folder.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(collect.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!Files.isExecutable(program)) {
        throw new TestAbortedException(
            "no chromium on the PATH, and Debian's cannot be had: " + output);
      }
    }
    return program;
  }

  private String debugger(int port) {
    URI list = URI.create("http://127.0.0.1:" + port + "/json/list");
    return await()
        .atMost(PATIENCE)
        .ignoreException(ConnectException.class)
        .until(
            () ->
                JSON.readTree(
                        client
                            .send(
                                HttpRequest.newBuilder(list).build(),
                                HttpResponse.BodyHandlers.ofString())
                            .body())
                    .findPath("webSocketDebuggerUrl")
                    .asText(),
            url -> !url.isEmpty());
  }

  /** Collects the answers, which may come in several parts. */
  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        complete(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    private void complete(String message) {
      try {
        JsonNode answer = JSON.readTree(message);
        CompletableFuture<JsonNode> waiting = asked.remove(answer.path("id").asInt(-1));
        if (waiting != null) {
          waiting.complete(answer);
        }
      } catch (IOException e) {
        throw new IllegalStateException(message, e);
      }
    }
  }

  private JsonNode ask(String method, ObjectNode parameters) {
    int id = questions.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    ObjectNode question = JSON.createObjectNode().put("id", id).put("method", method);
    question.set("params", parameters);
    page.sendText(question.toString(), true).join();
    return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join().path("result");
  }

  /** Opens an address. */
  void open(String url) {
    ask("Page.navigate", JSON.createObjectNode().put("url", url));
  }

  /** The text that a person sees. */
  String text() {
    return evaluate("document.body ? document.body.innerText : ''");
  }

  /** The value of an expression, as text. */
  String evaluate(String expression) {
    JsonNode result =
        ask("Runtime.evaluate", JSON.createObjectNode().put("expression", expression));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(result.toString());
    }
    return result.path("result").path("value").asText();
  }

  /** Writes a picture of the page. */
  void picture(Path file) throws IOException {
    ObjectNode parameters = JSON.createObjectNode().put("captureBeyondViewport", true);
    String data = ask("Page.captureScreenshot", parameters).path("data").asText();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(data));
  }

  @Override
  public void close() {
    page.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
