/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** As much of Connect's REST API as the dashboard asks for: one connector with one task. */
final class FakeConnect implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer http;
  private final List<String> restarts = new CopyOnWriteArrayList<>();
  private volatile String trace = "";

  private FakeConnect(HttpServer http) {
    this.http = http;
  }

  static FakeConnect start() {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      FakeConnect connect = new FakeConnect(http);
      http.createContext("/", connect::answer);
      http.start();
      return connect;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /** From now on the task has failed, until something is restarted. */
  void fails(String why) {
    trace = why;
  }

  /** The restarts that were asked for. */
  List<String> restarts() {
    return restarts;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().toString();
      if (exchange.getRequestMethod().equals("POST")) {
        if (path.startsWith("/connectors/claims-source/")) {
          restarts.add(path);
          trace = "";
          send(exchange, 202, JSON.createObjectNode());
        } else {
          ObjectNode refusal = JSON.createObjectNode().put("error_code", 404);
          send(exchange, 404, refusal.put("message", "no connector of that name"));
        }
      } else {
        send(exchange, 200, connectors());
      }
    }
  }

  private ObjectNode connectors() {
    ObjectNode status = JSON.createObjectNode().put("name", "claims-source");
    status.putObject("connector").put("state", "RUNNING").put("worker_id", "127.0.0.1:8083");
    ObjectNode task = status.putArray("tasks").addObject().put("id", 0);
    task.put("state", trace.isEmpty() ? "RUNNING" : "FAILED").put("worker_id", "127.0.0.1:8083");
    if (!trace.isEmpty()) {
      task.put("trace", trace);
    }
    ObjectNode all = JSON.createObjectNode();
    all.putObject("claims-source").set("status", status);
    return all;
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
