/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A topic, stream and sink connector of a test's own; records are numbered by a field n. */
@ExtendWith(Stack.class)
abstract class SinkTestBase {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  final Stack stack;
  final String connector = Stack.unique("sink");
  final String stream = Stack.unique("claims:analytics");
  final Topic topic;
  private final int partitions;

  SinkTestBase(Stack stack, int partitions) {
    this.stack = stack;
    this.topic = stack.topic(Stack.unique("claims.analytics"));
    this.partitions = partitions;
  }

  @BeforeEach
  void makeTopic() {
    stack.createTopics(Map.of(topic.name(), partitions));
  }

  @AfterEach
  void removeConnector() {
    stack.connect().request("DELETE", "/connectors/" + connector, null);
  }

  /** Posts the connector and waits until it runs. */
  void start(String... settings) {
    Map<String, String> config = new HashMap<>();
    config.put("topics", topic.name());
    config.put("redis.stream", stream);
    config.put("redis.failed.stream", stream + ":failed");
    config.put("consumer.override.group.id", connector);
    // a killed task's partitions are given to another after this long
    config.put("consumer.override.session.timeout.ms", "6000");
    config.put("consumer.override.heartbeat.interval.ms", "1500");
    config.put("errors.deadletterqueue.topic.name", topic.name() + ".failed");
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("value.converter.schemas.enable", "false");
    for (int i = 0; i < settings.length; i += 2) {
      config.put(settings[i], settings[i + 1]);
    }
    stack.run(connector, stack.example("claims-analytics-sink.json", config));
  }

  void awaitState(String state) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(
            () -> stack.connect().status(connector).path("connector").path("state").asText(),
            state::equals);
  }

  static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] numbered(int n) {
    return json("{\"n\":" + n + "}");
  }

  /** Writes records numbered so, in that order within each partition. */
  void produce(int from, int to) {
    topic.produce(IntStream.range(from, to).mapToObj(SinkTestBase::numbered).toList());
  }

  /** Waits until the stream holds at least that many entries, and returns all it holds then. */
  List<StreamEntry> arrived(int count) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // Redis may be down
        .until(
            () -> {
              try (Redis redis = stack.redis()) {
                return redis.call("XLEN", stream) instanceof Long length && length >= count;
              }
            });
    try (Redis redis = stack.redis()) {
      return redis.entries(stream);
    }
  }

  static List<String> numbers(List<StreamEntry> entries) {
    return entries.stream().map(entry -> Redis.fields(entry).getOrDefault("n", "none")).toList();
  }

  static List<String> numbers(int from, int to) {
    return new ArrayList<>(IntStream.range(from, to).mapToObj(String::valueOf).toList());
  }
}
