/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The REST API of a Connect worker. Every method except {@link #request} throws a {@link
 * StackException} with method, path, status and the worker's message unless the request succeeds.
 * Safe for use by several threads.
 */
public final class ConnectRest {
  private static final Duration REBALANCE_TIMEOUT = Duration.ofSeconds(60);
  private static final int POLL_MILLIS = 100;
  private static final int CONFLICT = 409;
  private static final int INTERNAL_ERROR = 500;
  private static final int NOT_FOUND = 404;
  private static final String RUNNING = "RUNNING";
  private static final String FAILED = "FAILED";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final Duration timeout;

  /** Creates a client for the worker at an address such as {@code http://127.0.0.1:8083}. */
  public ConnectRest(String url) {
    this(url, Http.TIMEOUT);
  }

  /**
   * Creates a client with a short timeout.
   *
   * @param timeout the maximum time for a response
   */
  public ConnectRest(String url, Duration timeout) {
    this.url = url;
    this.timeout = timeout;
  }

  /**
   * A response.
   *
   * @param status HTTP status
   * @param body JSON; a missing node if there was none, a text node if it was not JSON
   */
  public record Response(int status, JsonNode body) {
    /** Returns whether the status is 2xx. */
    public boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  /** Returns the body of a GET of a path such as {@code /connectors}. */
  public JsonNode get(String path) {
    return successful("GET", path, null);
  }

  /**
   * Sends one request and returns its response, successful or not.
   *
   * @throws StackException if there is no response
   */
  public Response request(String method, String path, @Nullable JsonNode body) {
    try {
      HttpResponse<String> response =
          Http.send(method, url + path, body == null ? null : body.toString(), timeout);
      return new Response(response.statusCode(), parse(response.body()));
    } catch (IOException e) {
      throw new StackException(method + " " + url + path + " failed: " + e, e);
    }
  }

  /** Creates a connector or replaces its configuration; waits while the group rebalances. */
  public JsonNode createOrUpdate(String name, JsonNode config) {
    return afterRebalance("PUT", connector(name) + "/config", config);
  }

  /** Returns the worker's validation of a configuration, per setting, with {@code error_count}. */
  public JsonNode validate(String pluginClass, JsonNode config) {
    String path = "/connector-plugins/" + encoded(pluginClass) + "/config/validate";
    return successful("PUT", path, config);
  }

  /** Returns the state of a connector and of its tasks. */
  public JsonNode status(String name) {
    return get(connector(name) + "/status");
  }

  /**
   * Waits until the connector and at least one task, and all its tasks, are running.
   *
   * @throws StackException with the trace if one failed, with the last status after a timeout
   */
  public void awaitRunning(String name, Duration timeout) {
    String path = connector(name) + "/status";
    Response last =
        poll(() -> request("GET", path, null), answer -> isSettled(name, answer), timeout);
    if (!isSettled(name, last)) {
      throw new StackException(
          name + " is not running after " + timeout.toSeconds() + " s: " + last.body());
    }
  }

  /** Restarts a connector and all its tasks; waits while the group rebalances. */
  public void restart(String name) {
    afterRebalance("POST", connector(name) + "/restart?includeTasks=true&onlyFailed=false", null);
  }

  /** Restarts one task; waits while the group rebalances. */
  public void restartTask(String name, int task) {
    afterRebalance("POST", connector(name) + "/tasks/" + task + "/restart", null);
  }

  /** Pauses a connector: its tasks stay assigned and idle. */
  public void pause(String name) {
    afterRebalance("PUT", connector(name) + "/pause", null);
  }

  /** Resumes a paused or stopped connector. */
  public void resume(String name) {
    afterRebalance("PUT", connector(name) + "/resume", null);
  }

  /** Stops a connector: it has no tasks, and its offsets can be changed. */
  public void stop(String name) {
    afterRebalance("PUT", connector(name) + "/stop", null);
  }

  /** Deletes a connector if it exists; waits while the group rebalances. */
  public void delete(String name) {
    Response response = whenBalanced("DELETE", connector(name), null);
    if (response.status() != NOT_FOUND) {
      bodyOf("DELETE", connector(name), response);
    }
  }

  /** Returns the committed offsets of a connector. */
  public JsonNode offsets(String name) {
    return get(connector(name) + "/offsets");
  }

  /** Changes offsets of a stopped connector; the body has the format of {@link #offsets}. */
  public JsonNode patchOffsets(String name, JsonNode offsets) {
    return afterRebalance("PATCH", connector(name) + "/offsets", offsets);
  }

  /** Deletes all offsets of a stopped connector. */
  public JsonNode deleteOffsets(String name) {
    return afterRebalance("DELETE", connector(name) + "/offsets", null);
  }

  /** Returns all plugins of the worker: connectors, converters, transformations. */
  public JsonNode plugins() {
    return get("/connector-plugins?connectorsOnly=false");
  }

  private JsonNode afterRebalance(String method, String path, @Nullable JsonNode body) {
    return bodyOf(method, path, whenBalanced(method, path, body));
  }

  private Response whenBalanced(String method, String path, @Nullable JsonNode body) {
    return poll(
        () -> request(method, path, body),
        answer -> answer.status() != CONFLICT && !isTransient(answer),
        REBALANCE_TIMEOUT);
  }

  /**
   * Returns whether the request should be retried: a worker that has just become the leader asks
   * for that, and one whose leader has died forwards to it until the group notices.
   */
  private static boolean isTransient(Response answer) {
    return answer.status() == INTERNAL_ERROR
        && (message(answer).contains("safely retried")
            || message(answer).contains("trying to forward REST request"));
  }

  private JsonNode successful(String method, String path, @Nullable JsonNode body) {
    return bodyOf(method, path, request(method, path, body));
  }

  private static JsonNode bodyOf(String method, String path, Response response) {
    if (!response.isSuccess()) {
      throw new StackException(
          method + " " + path + " answered " + response.status() + ": " + message(response));
    }
    return response.body();
  }

  private static String message(Response response) {
    JsonNode message = response.body().path("message");
    return message.isMissingNode() ? response.body().toString() : message.asText();
  }

  private static boolean isSettled(String name, Response answer) {
    // the status of a new connector is not known at once, and a rebalance returns 409
    if (answer.status() == NOT_FOUND || answer.status() == CONFLICT) {
      return false;
    }
    JsonNode status = bodyOf("GET", connector(name) + "/status", answer);
    boolean running = isRunning(name, status.path("connector"));
    JsonNode tasks = status.path("tasks");
    for (JsonNode task : tasks) {
      running &= isRunning(name + " task " + task.path("id").asText(), task);
    }
    return running && !tasks.isEmpty();
  }

  private static boolean isRunning(String what, JsonNode part) {
    String state = part.path("state").asText();
    if (state.equals(FAILED)) {
      throw new StackException(what + " failed: " + part.path("trace").asText());
    }
    return state.equals(RUNNING);
  }

  private static String connector(String name) {
    return "/connectors/" + encoded(name);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static JsonNode parse(String body) {
    if (body.isEmpty()) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException noJson) {
      return TextNode.valueOf(body);
    }
  }

  private static Response poll(
      Supplier<Response> call, Predicate<Response> done, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Response response = call.get();
    while (!done.test(response) && System.nanoTime() < deadline) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StackException("interrupted while polling Connect", e);
      }
      response = call.get();
    }
    return response;
  }
}
