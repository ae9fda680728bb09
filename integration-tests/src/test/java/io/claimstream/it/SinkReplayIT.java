/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.stack.ConnectRest;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replaying through Connect's offsets API: what exactly-once delivery has to let through. */
class SinkReplayIT extends SinkTestBase {
  private static final int RECORDS = 100;

  SinkReplayIT(Stack stack) {
    super(stack, 1);
  }

  @Test
  void aPatchedOffsetReplaysFromThereAndTwiceChangesNothing() {
    // given
    deliverAndStop();

    // when
    succeeds("PATCH", offset(topic.name(), 40));
    succeeds("PATCH", offset(topic.name(), 40));
    stack.connect().resume(connector);

    // then
    List<String> expected = numbers(0, RECORDS);
    expected.addAll(numbers(40, RECORDS));
    assertArrivesAndNothingElse(expected);
  }

  @Test
  void deletedOffsetsReplayFromTheStartAndTwiceChangesNothing() {
    // given
    deliverAndStop();

    // when
    succeeds("DELETE", null);
    succeeds("DELETE", null);
    stack.connect().resume(connector);

    // then
    List<String> expected = numbers(0, RECORDS);
    expected.addAll(numbers(0, RECORDS));
    assertArrivesAndNothingElse(expected);
  }

  @Test
  void anOffsetFurtherOnLeavesOutWhatComesBeforeIt() {
    // given
    deliverAndStop();
    produce(RECORDS, RECORDS + 20);

    // when
    succeeds("PATCH", offset(topic.name(), RECORDS + 10));
    stack.connect().resume(connector);

    // then
    List<String> expected = numbers(0, RECORDS);
    expected.addAll(numbers(RECORDS + 10, RECORDS + 20));
    assertArrivesAndNothingElse(expected);
  }

  @Test
  void aWrongRequestNamesTheMistakeAndMovesNothing() {
    // given
    deliverAndStop();
    stack.createTopics(Map.of(topic.name() + ".other", 1));

    // when, then
    assertThat(refused(offset(topic.name(), -5))).contains("kafka_offset", topic.name(), "-5");
    assertThat(refused(offset(topic.name() + ".other", 3)))
        .contains("kafka_topic " + topic.name() + ".other", "topics");
    assertThat(refused(with(offset(topic.name(), 3), "partition", "kafka_partition", "-1")))
        .contains("kafka_partition", "-1");
    assertThat(refused(with(offset(topic.name(), 3), "partition", "kafka_partition", "first")))
        .contains("'first'");
    assertThat(refused(with(offset(topic.name(), 3), "offset", "kafka_offset", "2026-11-30")))
        .contains("'2026-11-30'");
    ObjectNode none = offset(topic.name(), 3);
    ((ObjectNode) none.at("/offsets/0/offset")).remove("kafka_offset");
    assertThat(refused(none)).contains("kafka_offset");
    stack.connect().resume(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    assertThat(refused(offset(topic.name(), 3))).contains("STOPPED");
    assertArrivesAndNothingElse(numbers(0, RECORDS));
  }

  /** As the guide to replaying says: the connector cannot know, and Kafka is asked after it. */
  @Test
  void aPartitionThatTheTopicDoesNotHaveIsRefusedByKafkaAndForgottenByAReset() {
    // given
    deliverAndStop();
    ObjectNode absent = offset(topic.name(), 7);
    ((ObjectNode) absent.at("/offsets/0/partition")).put("kafka_partition", 99);
    String field = topic.name() + "-99";
    String stored = "claimstream:v1:offsets:{" + stream + "}:" + connector;

    // when
    ConnectRest.Response response = request("PATCH", absent);

    // then
    assertThat(response.status()).isEqualTo(500);
    assertThat(response.body().path("message").asText())
        .contains("Failed to alter consumer group offsets");
    try (Redis redis = redis()) {
      assertThat(redis.call("HEXISTS", stored, field)).isEqualTo(1L);

      // and when
      ((ObjectNode) absent.at("/offsets/0")).putNull("offset");
      request("PATCH", absent);

      // then
      assertThat(redis.call("HEXISTS", stored, field)).isEqualTo(0L);
    }
    stack.connect().resume(connector);
    assertArrivesAndNothingElse(numbers(0, RECORDS));
  }

  @Test
  void aRecreatedTopicFailsTheTaskWithTheWayToGoOn() throws Exception {
    // given
    deliverAndStop();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", topic.bootstrapServers()))) {
      admin.deleteTopics(List.of(topic.name())).all().get();
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // it may still be there
        .untilAsserted(
            () -> {
              stack.createTopics(Map.of(topic.name(), 1));
              assertThat(topic.records()).isEmpty();
            });
    produce(RECORDS, RECORDS + 10);

    // when
    stack.connect().resume(connector);
    String trace =
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(
                () -> stack.connect().status(connector).at("/tasks/0/trace").asText(),
                text -> !text.isEmpty());

    // then nothing of it was skipped in silence, and the advice works
    assertThat(trace)
        .contains(
            topic.name() + "-0@0",
            "recreated",
            "PATCH /connectors/" + connector + "/offsets with kafka_offset 0");
    stack.connect().stop(connector);
    awaitState("STOPPED");
    succeeds("PATCH", offset(topic.name(), 0));
    stack.connect().resume(connector);
    assertArrivesAndNothingElse(numbers(0, RECORDS + 10));
  }

  private void deliverAndStop() {
    produce(0, RECORDS);
    start();
    assertThat(numbers(arrived(RECORDS))).isEqualTo(numbers(0, RECORDS));
    stack.connect().stop(connector);
    awaitState("STOPPED");
  }

  private ObjectNode offset(String topicName, long next) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.putArray("offsets").addObject();
    entry.putObject("partition").put("kafka_topic", topicName).put("kafka_partition", 0);
    entry.putObject("offset").put("kafka_offset", next);
    return body;
  }

  private static ObjectNode with(ObjectNode body, String part, String key, String value) {
    ((ObjectNode) body.at("/offsets/0/" + part)).put(key, value);
    return body;
  }

  private ConnectRest.Response request(String method, @Nullable JsonNode body) {
    return stack.connect().request(method, "/connectors/" + connector + "/offsets", body);
  }

  /** Tries until the tasks have left the consumer group, which Connect does not wait for. */
  private void succeeds(String method, @Nullable JsonNode body) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              ConnectRest.Response response = request(method, body);
              assertThat(response.isSuccess()).as(response.body().toString()).isTrue();
            });
  }

  private String refused(JsonNode body) {
    ConnectRest.Response response = request("PATCH", body);
    assertThat(response.status()).as(response.body().toString()).isEqualTo(400);
    return response.body().path("message").asText();
  }

  /** A last record shows that all that comes before it has come. */
  private void assertArrivesAndNothingElse(List<String> expected) {
    topic.produce("k", json("{\"n\":\"last\"}"));
    expected.add("last");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(numbers(arrived(0))).endsWith("last"));
    assertThat(numbers(arrived(expected.size()))).isEqualTo(expected);
  }
}
