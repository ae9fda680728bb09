/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the converters ask of a registry, Apicurio's and Confluent's, with faults on demand. */
public final class FakeRegistry implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger registrations = new AtomicInteger();
  private volatile @Nullable Fault fault;
  private volatile @Nullable CountDownLatch frozen;
  private volatile int firstId = 1;

  private record Fault(int status, String body) {}

  /** Starts on a free port of the loopback interface. */
  public FakeRegistry() {
    this(0);
  }

  /** Starts on a port. */
  public FakeRegistry(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Settings of Apicurio's converter as the examples have them. */
  public Map<String, String> apicurio() {
    return Map.of(
        "apicurio.registry.url", url() + "/apis/registry/v2",
        "apicurio.registry.auto-register", "true",
        "apicurio.registry.headers.enabled", "false",
        "apicurio.registry.as-confluent", "true",
        "apicurio.registry.use-id", "contentId");
  }

  /** Settings of Confluent's converter as the examples have them. */
  public Map<String, String> confluent() {
    return Map.of("schema.registry.url", url());
  }

  /** Answers everything so from now on. */
  public void answer(int status, String body) {
    fault = new Fault(status, body);
  }

  /** Is well again. */
  public void recover() {
    fault = null;
    CountDownLatch waiting = frozen;
    frozen = null;
    if (waiting != null) {
      waiting.countDown();
    }
  }

  /** Takes requests and answers none. */
  public void freeze() {
    frozen = new CountDownLatch(1);
  }

  /** Comes back from an older copy of itself: without its schemas, and counting from elsewhere. */
  public void forget() {
    synchronized (schemas) {
      schemas.clear();
      firstId = 100;
    }
  }

  /** Requests of any kind so far. */
  public int requests() {
    return requests.get();
  }

  /** Requests that register a schema so far. */
  public int registrations() {
    return registrations.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.incrementAndGet();
      byte[] body = exchange.getRequestBody().readAllBytes();
      CountDownLatch waiting = frozen;
      if (waiting != null) {
        waiting.await();
      }
      Fault now = fault;
      if (now != null) {
        send(exchange, now.status, now.body);
      } else {
        answer(exchange, new String(body, StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, String body) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String last = path.substring(path.lastIndexOf('/') + 1);
    if (path.endsWith("/artifacts")) {
      int id = register(body);
      send(
          exchange,
          200,
          JSON.writeValueAsString(
              Map.of("id", "a", "version", "" + id, "globalId", id, "contentId", id)));
    } else if (path.endsWith("/versions")) {
      int id = register(JSON.readTree(body).path("schema").asText());
      send(exchange, 200, JSON.writeValueAsString(Map.of("id", id)));
    } else if (path.startsWith("/subjects/")) {
      int id = register(JSON.readTree(body).path("schema").asText());
      send(exchange, 200, JSON.writeValueAsString(Map.of("subject", last, "id", id, "version", 1)));
    } else if (last.equals("references")) {
      send(exchange, 200, "[]");
    } else if (last.matches("\\d+")) {
      @Nullable String schema = schema(Integer.parseInt(last));
      boolean confluent = path.startsWith("/schemas/");
      if (schema == null) {
        send(
            exchange,
            404,
            confluent
                ? "{\"error_code\":40403,\"message\":\"Schema not found\"}"
                : "{\"error_code\":404,\"name\":\"ArtifactNotFoundException\",\"message\":\"no\"}");
      } else {
        send(exchange, 200, confluent ? JSON.writeValueAsString(Map.of("schema", schema)) : schema);
      }
    } else {
      send(exchange, 400, "{\"error_code\":400,\"message\":\"" + path + "\"}");
    }
  }

  private int register(String schema) {
    registrations.incrementAndGet();
    synchronized (schemas) {
      if (!schemas.contains(schema)) {
        schemas.add(schema);
      }
      return firstId + schemas.indexOf(schema);
    }
  }

  private @Nullable String schema(int id) {
    synchronized (schemas) {
      int index = id - firstId;
      return index >= 0 && index < schemas.size() ? schemas.get(index) : null;
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    recover();
    server.stop(0);
    threads.shutdownNow();
  }
}
