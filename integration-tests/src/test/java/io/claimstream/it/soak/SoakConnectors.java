/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.it.Stack;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.Deviation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The two connectors: the shipped examples, in small batches and with short pauses. */
final class SoakConnectors {
  static final String SOURCE = "claims-source";
  static final String SINK = "claims-analytics-sink";
  static final String GROUP = "claims-processors";
  static final String SINK_GROUP = "claims-analytics";
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Time after which a status of a task is no longer one of the moment. */
  private static final Duration STALE = Duration.ofSeconds(10);

  private static final List<String> BOTH = List.of(SOURCE, SINK);

  private final SoakServers servers;
  private final Set<String> failures = new LinkedHashSet<>();
  private final Map<String, Instant> shownAsPaused = new HashMap<>();

  SoakConnectors(SoakServers servers) {
    this.servers = servers;
  }

  /** Posts both, and returns when they run. */
  void start() {
    rest().createOrUpdate(SOURCE, source());
    rest().createOrUpdate(SINK, sink());
    awaitRunning();
  }

  /** Restarts both with all their tasks. */
  void restart() {
    BOTH.forEach(rest()::restart);
    awaitRunning();
  }

  /** The source's configuration. */
  ObjectNode source() {
    ObjectNode config = example("claims-source.json");
    config.put("errors.tolerance", "all");
    config.put("redis.failed.stream", SoakServers.FAILED);
    config.put("errors.deadletterqueue.topic.name", SoakServers.FAILED_TOPIC);
    config.put("redis.read.count", "100");
    put(config, Deviation.Server.SOURCE_OF_TESTS);
    put(config, Deviation.Server.SOURCE_OF_KILLED_WORKERS);
    return config;
  }

  /** The sink's configuration. */
  ObjectNode sink() {
    ObjectNode config = example("claims-analytics-sink.json");
    config.put("topics", SoakServers.EVENTS_TOPIC);
    config.put("redis.stream", SoakServers.ANALYTICS);
    config.put("redis.failed.stream", SoakServers.FAILED + ":sink");
    config.put("errors.deadletterqueue.topic.name", SoakServers.SINK_FAILED_TOPIC);
    config.put("consumer.override.group.id", SINK_GROUP);
    config.put("tasks.max", "3");
    config.put("redis.write.count", "50");
    config.put("consumer.override.max.poll.records", "100");
    put(config, Deviation.Server.SINK_OF_TESTS);
    return config;
  }

  private ObjectNode example(String file) {
    ObjectNode config = Stack.shipped(file);
    config.put("redis.uri", servers.redisUri());
    config.put("value.converter.apicurio.registry.url", servers.registryUrl());
    // with 10 s the time to recover would be that of the pause
    config.put("errors.retry.delay.max.ms", "1000");
    return config;
  }

  private static void put(ObjectNode config, Deviation.Server server) {
    Map<String, String> settings = Deviation.of(server);
    settings.forEach(config::put);
  }

  ConnectRest rest() {
    return servers.connect();
  }

  /** Returns when both and all their tasks run; a task that failed is restarted and noted. */
  void awaitRunning() {
    for (String connector : BOTH) {
      await(connector + " running")
          .atMost(PATIENCE)
          .ignoreExceptions() // the worker may not answer yet
          .until(() -> isRunning(connector));
    }
  }

  private boolean isRunning(String connector) {
    restartFailed();
    restartShownAsPaused();
    JsonNode status = rest().status(connector);
    List<String> states = status.findValuesAsText("state");
    return !status.path("tasks").isEmpty() && states.stream().allMatch("RUNNING"::equals);
  }

  /** Restarts tasks that have failed. No fault of the mix may fail one, so each is a finding. */
  void restartFailed() {
    for (String connector : BOTH) {
      for (JsonNode task : rest().status(connector).path("tasks")) {
        if (task.path("state").asText().equals("FAILED")) {
          String trace = task.path("trace").asText();
          int id = task.path("id").asInt();
          // a restart takes a while, in which the status stays
          if (failures.add(connector + "-" + id + ": " + trace)) {
            System.out.println("soak: FAILED " + connector + "-" + id + ": " + trace);
          }
          rest().restartTask(connector, id);
        }
      }
    }
  }

  /**
   * Restarts tasks of the sink that Connect goes on showing as PAUSED. It does so if a sink is
   * resumed while it delivers records again after an outage: the task works, and its status is not
   * written.
   */
  private void restartShownAsPaused() {
    JsonNode status = rest().status(SINK);
    for (JsonNode task : status.path("tasks")) {
      String id = task.path("id").asText();
      boolean isStale =
          task.path("state").asText().equals("PAUSED")
              && status.at("/connector/state").asText().equals("RUNNING");
      if (!isStale) {
        shownAsPaused.remove(id);
      } else if (Instant.now()
          .isAfter(shownAsPaused.computeIfAbsent(id, first -> Instant.now()).plus(STALE))) {
        shownAsPaused.remove(id);
        System.out.println("soak: restarted task " + id + " of the sink, shown as PAUSED");
        rest().restartTask(SINK, task.path("id").asInt());
      }
    }
  }

  /** What tasks failed with. */
  List<String> failures() {
    return List.copyOf(failures);
  }
}
