/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.claimstream.stack.StackException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * Serves the dashboard page and its data on loopback: {@code /figures.json} the metrics, {@code
 * /state.json} connectors, tasks and dead letters, {@code /claim.json?id=} a claim, or with {@code
 * &as-of=} and an instant the state that it had then. A POST of {@code /restart} restarts a
 * connector or a task. Keeps running while the worker is down or restarts.
 */
public final class Dashboard implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String HOST = "127.0.0.1";
  private static final int PERIOD_MILLIS = 1000;
  private static final int LETTERS_PERIOD_MILLIS = 2000;
  private static final Pattern AFTER = Pattern.compile("after=(\\d{1,18})");

  /* A page of another site cannot set it without asking first, and gets no answer. */
  private static final String OWN_PAGE = "X-Claimstream";

  private final WorkerBeans beans;
  private final Sampler sampler;
  private final StateSampler states;
  private final DashboardSources sources;
  private final Clock clock;
  private final HttpServer http;
  private final ScheduledExecutorService thread;
  private final ScheduledExecutorService others;
  private final ExecutorService answers;
  private final ScheduledFuture<?> sampling;
  private final List<ScheduledFuture<?>> asking;
  private final byte[] page;

  private Dashboard(int port, JMXServiceURL worker, DashboardSources sources) throws IOException {
    this.page = page();
    this.clock = Clock.systemUTC();
    this.beans = new WorkerBeans(worker);
    this.sources = sources;
    this.sampler = new Sampler(beans, sources.latency(), clock);
    this.states = new StateSampler(sources);
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    this.http = HttpServer.create(new InetSocketAddress(loopback, port), 0);
    ThreadFactory daemons =
        work -> {
          Thread made = new Thread(work, "dashboard");
          made.setDaemon(true);
          return made;
        };
    // one thread per source of data: none waits for another's reply
    this.thread = Executors.newSingleThreadScheduledExecutor(daemons);
    this.others = Executors.newScheduledThreadPool(2, daemons);
    this.answers = Executors.newCachedThreadPool(daemons);
    http.setExecutor(answers);
    this.sampling =
        thread.scheduleWithFixedDelay(sampler::sample, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    this.asking =
        List.of(
            others.scheduleWithFixedDelay(
                states::sampleConnectors, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS),
            others.scheduleWithFixedDelay(
                states::sampleDeadLetters, 0, LETTERS_PERIOD_MILLIS, TimeUnit.MILLISECONDS));
  }

  /**
   * Starts the server.
   *
   * @param port loopback port
   * @param worker the address of the worker's MBeans
   * @param sources the data that is not a metric
   */
  public static Dashboard start(int port, JMXServiceURL worker, DashboardSources sources) {
    try {
      Dashboard dashboard = new Dashboard(port, worker, sources);
      dashboard.http.createContext("/", dashboard::answer);
      dashboard.http.start();
      return dashboard;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot serve the dashboard on port " + port, e);
    }
  }

  /** Returns {@code http://127.0.0.1:port/}. */
  public String url() {
    return "http://" + HOST + ":" + http.getAddress().getPort() + "/";
  }

  private static byte[] page() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            Dashboard.class.getResourceAsStream("dashboard.html"), "dashboard.html")) {
      return file.readAllBytes();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      boolean isPost = exchange.getRequestMethod().equals("POST");
      if (!isLoopback(exchange.getRequestHeaders().getFirst("Host"))) {
        exchange.sendResponseHeaders(403, -1); // another site's name that resolves to this address
      } else if (isPost && path.equals("/restart")) {
        restart(exchange);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
      } else if (path.equals("/")) {
        send(exchange, 200, "text/html; charset=utf-8", page);
      } else if (path.equals("/figures.json")) {
        long after = after(exchange.getRequestURI().getQuery());
        json(exchange, 200, FiguresJson.of(sampler.view(after), clock.millis()));
      } else if (path.equals("/state.json")) {
        json(exchange, 200, states.json());
      } else if (path.equals("/claim.json")) {
        claim(exchange);
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static boolean isLoopback(@Nullable String host) {
    return host != null && host.matches("(127\\.0\\.0\\.1|localhost)(:\\d+)?");
  }

  private void restart(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    String connector = query.getOrDefault("connector", "");
    String task = query.getOrDefault("task", "");
    if (exchange.getRequestHeaders().getFirst(OWN_PAGE) == null) {
      json(exchange, 403, message("only the dashboard's own page may restart connectors"));
    } else if (connector.isEmpty() || !task.matches("\\d{0,5}")) {
      json(exchange, 400, message("connector or task is missing"));
    } else {
      try {
        if (task.isEmpty()) {
          sources.connect().restart(connector);
        } else {
          sources.connect().restartTask(connector, Integer.parseInt(task));
        }
        json(exchange, 200, message("restarted"));
      } catch (StackException e) {
        json(exchange, 502, message(String.valueOf(e.getMessage())));
      }
    }
  }

  private void claim(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    String id = query.getOrDefault("id", "");
    String asOf = query.getOrDefault("as-of", "");
    try {
      if (!asOf.isEmpty()) {
        json(exchange, 200, sources.claimAsOf().apply(id, Instant.parse(asOf)).toString());
        return;
      }
      Optional<String> found = sources.claim().apply(id).map(Object::toString);
      if (found.isPresent()) {
        json(exchange, 200, found.get());
      } else {
        json(exchange, 404, message("Kafka contains no event of claim " + id));
      }
    } catch (DateTimeParseException e) {
      json(exchange, 400, message("'" + asOf + "' is not an instant such as 2026-11-30T10:30:00Z"));
    } catch (DashboardSources.NotFoundException e) {
      json(exchange, 404, message(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      json(exchange, 502, message("cannot look up the claim: " + e.getMessage()));
    }
  }

  private static String message(String message) {
    return JSON.createObjectNode().put("message", message).toString();
  }

  private static Map<String, String> query(HttpExchange exchange) {
    String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
    return Pattern.compile("&")
        .splitAsStream(query)
        .map(pair -> pair.split("=", 2))
        .filter(pair -> pair.length == 2)
        .collect(
            Collectors.toMap(
                pair -> pair[0],
                pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8),
                (first, second) -> second));
  }

  private static long after(@Nullable String query) {
    Matcher after = AFTER.matcher(Objects.requireNonNullElse(query, ""));
    return after.matches() ? Long.parseLong(after.group(1)) : 0;
  }

  private static void json(HttpExchange exchange, int status, String json) throws IOException {
    send(exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    answers.shutdownNow();
    sampling.cancel(false);
    // by the thread that uses it, after its current work
    thread.execute(beans::close);
    thread.shutdown();
    asking.forEach(question -> question.cancel(false));
    others.shutdownNow();
  }
}
