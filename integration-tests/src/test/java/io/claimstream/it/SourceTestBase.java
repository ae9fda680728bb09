/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.Deviation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stream, topic and connector of a test's own. */
@ExtendWith(Stack.class)
abstract class SourceTestBase {
  static final Duration PATIENCE = Duration.ofSeconds(90);
  static final String GROUP = "claims-processors";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  final Stack stack;
  final Redis redis;
  final String stream = Stack.unique("claims:events");
  final String connector = Stack.unique("source");
  final Topic topic;

  SourceTestBase(Stack stack) {
    this.stack = stack;
    this.redis = stack.redis();
    this.topic = stack.topic(stream.replace(':', '.'));
  }

  @BeforeEach
  void makeTopic() {
    stack.createTopics(Map.of(topic.name(), 3));
  }

  @AfterEach
  void removeConnector() {
    stack.connect().delete(connector);
    redis.close();
  }

  /** Posts the connector and waits until it runs. */
  void start(String... settings) {
    stack.run(connector, stack.example("claims-source.json", settings(settings)));
  }

  Map<String, String> settings(String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("redis.streams", stream);
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    settings.putAll(Deviation.of(Deviation.Server.SOURCE_OF_TESTS));
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  /** The key by which a connector knows a consumer of its own. */
  String ownerKey(String consumer) {
    return "claimstream:v1:owner:{" + stream + "}:" + GROUP + ":" + consumer;
  }

  /** Waits until the connector's first task has failed, and returns why. */
  String failure() {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptions() // no status yet
        .until(
            () -> stack.connect().status(connector).path("tasks").path(0),
            status -> status.path("state").asText().equals("FAILED"))
        .path("trace")
        .asText();
  }

  void awaitState(String state) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> stack.connect().status(connector).path("connector").path("state").asText(),
            state::equals);
  }

  /** A request to the offsets API that sets an id for consumers of the stream. */
  ObjectNode offsetsAt(String id, String... consumers) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    for (String consumer : consumers) {
      ObjectNode entry = body.withArray("offsets").addObject();
      entry
          .putObject("partition")
          .put("stream", stream)
          .put("group", GROUP)
          .put("consumer", consumer);
      entry.putObject("offset").put("id", id);
    }
    return body;
  }

  /** Replays the whole stream through the offsets API. */
  void startOver(String... consumers) {
    stack.connect().stop(connector);
    awaitState("STOPPED");
    stack.connect().patchOffsets(connector, offsetsAt("0-0", consumers));
    stack.connect().resume(connector);
  }

  /** Whether a connector has that many tasks, all running. */
  static boolean runs(ConnectRest rest, String connector, int tasks) {
    JsonNode states = rest.status(connector).path("tasks");
    return states.size() == tasks
        && StreamSupport.stream(states.spliterator(), false)
            .allMatch(task -> task.path("state").asText().equals("RUNNING"));
  }

  void awaitNothingPending() {
    await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
  }

  /**
   * Checks that each partition of the topic has its events in the order of their stream. Events of
   * a claim share a partition. A repeated event counts where it came first.
   */
  static void assertInOrder(List<ConsumerRecord<byte[], byte[]>> records, List<String> ids) {
    Map<String, Integer> order = new HashMap<>();
    ids.forEach(id -> order.put(id, order.size()));
    Map<Integer, List<Integer>> partitions = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String id = json(record).path("stream_id").asText();
      if (seen.add(id)) {
        partitions
            .computeIfAbsent(record.partition(), partition -> new ArrayList<>())
            .add(order.get(id));
      }
    }
    partitions.values().forEach(places -> assertThat(places).isSorted());
  }

  static JsonNode json(ConsumerRecord<byte[], byte[]> record) {
    try {
      return JSON.readTree(record.value());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static List<String> streamIds(List<ConsumerRecord<byte[], byte[]>> records) {
    List<String> ids = new ArrayList<>();
    records.forEach(record -> ids.add(json(record).path("stream_id").asText()));
    return ids;
  }
}
