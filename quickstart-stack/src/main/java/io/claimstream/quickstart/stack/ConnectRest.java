/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

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
 * The REST API of a Connect worker. Every method but {@link #request} throws {@link StackException}
 * with method, path, status and the worker's message unless the answer is a success. All methods
 * may be called from any thread.
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

  /** The API of the worker at an address such as {@code http://127.0.0.1:8083}. */
  public ConnectRest(String url) {
    this(url, Http.TIMEOUT);
  }

  /**
   * The same for a caller that cannot wait.
   *
   * @param timeout how long an answer may take
   */
  public ConnectRest(String url, Duration timeout) {
    this.url = url;
    this.timeout = timeout;
  }

  /**
   * An answer as it came.
   *
   * @param status HTTP status
   * @param body JSON; a missing node when there was none, a text when it was no JSON
   */
  public record Response(int status, JsonNode body) {
    /** Whether the status is 2xx. */
    public boolean isSuccess() {
      return status / 100 == 2;
    }
  }

  /** The body of a GET of a path such as {@code /connectors}. */
  public JsonNode get(String path) {
    return successful("GET", path, null);
  }

  /**
   * Sends one request, whatever its answer.
   *
   * @throws StackException when there is no answer
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

  /** The worker's verdict on a configuration, per setting, with {@code error_count}. */
  public JsonNode validate(String pluginClass, JsonNode config) {
    String path = "/connector-plugins/" + encoded(pluginClass) + "/config/validate";
    return successful("PUT", path, config);
  }

  /** State of a connector and of its tasks. */
  public JsonNode status(String name) {
    return get(connector(name) + "/status");
  }

  /**
   * Waits until the connector and all its tasks run, and it has at least one.
   *
   * @throws StackException with the trace when one failed, with the last status on a timeout
   */
  public void awaitRunning(String name, Duration timeout) {
    String path = connector(name) + "/status";
    Response last =
        poll(() -> request("GET", path, null), answer -> isSettled(name, answer), timeout);
    if (!isSettled(name, last)) {
      throw new StackException(
          name + " does not run after " + timeout.toSeconds() + " s: " + last.body());
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

  /** Pauses a connector: its tasks stay and do nothing. */
  public void pause(String name) {
    afterRebalance("PUT", connector(name) + "/pause", null);
  }

  /** Resumes a paused or stopped connector. */
  public void resume(String name) {
    afterRebalance("PUT", connector(name) + "/resume", null);
  }

  /** Stops a connector: it has no tasks, and its offsets may be changed. */
  public void stop(String name) {
    afterRebalance("PUT", connector(name) + "/stop", null);
  }

  /** Deletes a connector if there is one; waits while the group rebalances. */
  public void delete(String name) {
    Response response = whenBalanced("DELETE", connector(name), null);
    if (response.status() != NOT_FOUND) {
      bodyOf("DELETE", connector(name), response);
    }
  }

  /** The committed offsets of a connector. */
  public JsonNode offsets(String name) {
    return get(connector(name) + "/offsets");
  }

  /** Changes offsets of a stopped connector; the body is as {@link #offsets} answers. */
  public JsonNode patchOffsets(String name, JsonNode offsets) {
    return afterRebalance("PATCH", connector(name) + "/offsets", offsets);
  }

  /** Deletes all offsets of a stopped connector. */
  public JsonNode deleteOffsets(String name) {
    return afterRebalance("DELETE", connector(name) + "/offsets", null);
  }

  /** All plugins of the worker: connectors, converters, transformations. */
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
   * A worker that has just become the leader again says so and asks to be asked once more; one
   * whose leader has died forwards to it until the group notices.
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
    // the status of a new connector is not known at once, and a rebalance answers 409
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
