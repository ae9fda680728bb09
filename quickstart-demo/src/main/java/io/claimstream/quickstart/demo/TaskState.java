/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.stack.ConnectRest;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a connector or of one of its tasks, as Connect reports it.
 *
 * @param connector the connector's name
 * @param part {@code connector} or {@code task 0}
 * @param state such as RUNNING, FAILED or PAUSED
 * @param trace the stack trace of the failure; empty if there is none
 */
record TaskState(String connector, String part, String state, String trace) {
  private static final String CAUSE = "Caused by: ";

  /** Returns all connectors of a worker and their tasks, in Connect's order. */
  static List<TaskState> all(ConnectRest connect) {
    List<TaskState> all = new ArrayList<>();
    for (JsonNode connector : connect.get("/connectors?expand=status")) {
      JsonNode status = connector.path("status");
      String name = status.path("name").asText();
      all.add(of(name, "connector", status.path("connector")));
      for (JsonNode task : status.path("tasks")) {
        all.add(of(name, "task " + task.path("id").asText(), task));
      }
    }
    return all;
  }

  private static TaskState of(String connector, String part, JsonNode state) {
    return new TaskState(
        connector, part, state.path("state").asText(), state.path("trace").asText());
  }

  boolean isRunning() {
    return state.equals("RUNNING");
  }

  boolean isFailed() {
    return state.equals("FAILED");
  }

  boolean isTask() {
    return !part.equals("connector");
  }

  String name() {
    return connector + " " + part;
  }

  /** Returns the trace's first line, and the line of its root cause if that adds something. */
  String reason() {
    List<String> lines = trace.lines().toList();
    if (lines.isEmpty()) {
      return "no trace";
    }
    String first = lines.get(0);
    return lines.stream()
        .filter(line -> line.startsWith(CAUSE))
        .map(line -> line.substring(CAUSE.length()))
        .reduce((outer, inner) -> inner)
        .filter(cause -> !first.contains(message(cause)))
        .map(cause -> first + " (caused by " + cause + ")")
        .orElse(first);
  }

  private static String message(String line) {
    return line.replaceFirst("^[\\w.$]+: ", "");
  }
}
