/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.remote.JMXServiceURL;

/**
 * Serves the page on loopback, and at {@code /figures.json} the figures it draws. Goes on while the
 * worker is away or restarts.
 */
public final class Dashboard implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int PERIOD_MILLIS = 1000;
  private static final Pattern AFTER = Pattern.compile("after=(\\d{1,18})");

  private final WorkerBeans beans;
  private final Sampler sampler;
  private final Clock clock;
  private final HttpServer http;
  private final ScheduledExecutorService thread;
  private final ScheduledFuture<?> sampling;
  private final byte[] page;

  private Dashboard(int port, JMXServiceURL worker) throws IOException {
    this.page = page();
    this.clock = Clock.systemUTC();
    this.beans = new WorkerBeans(worker);
    this.sampler = new Sampler(beans, clock);
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    this.http = HttpServer.create(new InetSocketAddress(loopback, port), 0);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread made = new Thread(work, "dashboard");
              made.setDaemon(true);
              return made;
            });
    this.sampling =
        thread.scheduleWithFixedDelay(sampler::sample, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Starts serving.
   *
   * @param port loopback port
   * @param worker where the worker's MBeans are
   */
  public static Dashboard start(int port, JMXServiceURL worker) {
    try {
      Dashboard dashboard = new Dashboard(port, worker);
      dashboard.http.createContext("/", dashboard::answer);
      dashboard.http.start();
      return dashboard;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot serve the dashboard on port " + port, e);
    }
  }

  /** {@code http://127.0.0.1:port/}. */
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
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
      } else if (path.equals("/")) {
        send(exchange, "text/html; charset=utf-8", page);
      } else if (path.equals("/figures.json")) {
        String json =
            FiguresJson.of(
                sampler.view(after(exchange.getRequestURI().getQuery())), clock.millis());
        send(exchange, "application/json", json.getBytes(StandardCharsets.UTF_8));
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static long after(String query) {
    Matcher after = AFTER.matcher(Objects.requireNonNullElse(query, ""));
    return after.matches() ? Long.parseLong(after.group(1)) : 0;
  }

  private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    sampling.cancel(false);
    // by the thread that uses it, after what it is doing
    thread.execute(beans::close);
    thread.shutdown();
  }
}
