/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

/** Entries that cannot be processed: where they go, and what is told of them. */
class DeadLetterIT extends SourceTestBase {
  private final String failed = Stack.unique("claims:failed");
  private final Topic failedTopic;

  DeadLetterIT(Stack stack) {
    super(stack);
    this.failedTopic = stack.topic(failed.replace(':', '.'));
  }

  @Test
  void aDeadLetterIsInTheStreamAndInTheTopicWithConnectsHeaders() {
    // given a bad entry with a field that is no text, among good ones
    stack.createTopics(Map.of(failedTopic.name(), 1));
    List<String> good = new ArrayList<>(redis.addClaims(stream, 20));
    byte[] noText = {(byte) 0xc3, 0x28};
    String bad =
        redis.add(stream, "type", "t", "claim_id", "CLM-B", "amount", "much", "scan", noText);
    good.addAll(redis.addClaims(stream, 20));

    // when
    start(
        "errors.tolerance",
        "all",
        "redis.failed.stream",
        failed,
        "errors.deadletterqueue.topic.name",
        failedTopic.name());

    // then
    assertThat(streamIds(topic.await(good.size()))).containsExactlyInAnyOrderElementsOf(good);
    ConsumerRecord<byte[], byte[]> letter = failedTopic.await(1).get(0);
    awaitNothingPending();
    assertThat(failedTopic.records()).hasSize(1);
    assertThat(redis.entries(failed)).hasSize(1);
    assertThat(Redis.fields(redis.entries(failed).get(0)))
        .containsEntry("error_id", bad)
        .containsEntry("amount", "much");
    assertThat(new String(letter.key(), StandardCharsets.UTF_8)).isEqualTo("CLM-B");
    JsonNode value = json(letter);
    assertThat(value.path("error_id").asText()).isEqualTo(bad);
    assertThat(value.path("error_stage").asText()).isEqualTo("decode");
    assertThat(value.path("fields").path("amount").asText()).isEqualTo("much");
    assertThat(value.path("other_fields").path(0).path("value").asText())
        .as("base64 of what is no text")
        .isEqualTo("wyg=");
    assertThat(headers(letter))
        .containsEntry("__connect.errors.topic", stream)
        .containsEntry("__connect.errors.offset", bad)
        .containsEntry("__connect.errors.connector.name", connector)
        .containsEntry("__connect.errors.task.id", "0")
        .containsEntry("__connect.errors.stage", "decode")
        .containsKey("__connect.errors.exception.class.name");
    assertThat(headers(letter).get("__connect.errors.exception.message"))
        .contains(bad, stream, "amount")
        .doesNotContain("much");
  }

  @Test
  void whatAFilterDropsAndWhatATransformFailsOnAreDistinguished() {
    // given a filter on one type of event, and a transform that can only take numbers
    stack.createTopics(Map.of(failedTopic.name(), 1, topic.name() + ".keep", 1));
    Topic kept = stack.topic(topic.name() + ".keep");
    for (int i = 0; i < 20; i++) {
      redis.add(stream, "type", "drop", "claim_id", "c", "customer_id", "1");
    }
    redis.add(stream, "type", "keep", "claim_id", "c", "customer_id", "1");
    start(
        "errors.tolerance", "all",
        "redis.failed.stream", failed,
        "errors.deadletterqueue.topic.name", failedTopic.name(),
        "topic", "${stream}.${type}",
        "transforms", "drop,cast",
        "transforms.drop.type", "org.apache.kafka.connect.transforms.Filter",
        "transforms.drop.predicate", "dropped",
        "transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.cast.spec", "customer_id:int32",
        "transforms.cast.predicate", "kept",
        "predicates", "dropped,kept",
        "predicates.dropped.type",
            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.dropped.pattern", ".*\\.drop",
        "predicates.kept.type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.kept.pattern", ".*\\.keep");
    kept.await(1);
    awaitNothingPending();
    assertThat(redis.entries(failed)).as("what was filtered").isEmpty();

    // when
    String bad = redis.add(stream, "type", "keep", "claim_id", "c", "customer_id", "CUST-7");
    redis.add(stream, "type", "keep", "claim_id", "c", "customer_id", "8");

    // then
    kept.await(2);
    awaitNothingPending();
    assertThat(redis.entries(failed)).hasSize(1);
    assertThat(Redis.fields(redis.entries(failed).get(0)))
        .containsEntry("error_id", bad)
        .containsEntry("error_stage", "transform_or_convert");
    assertThat(json(failedTopic.await(1).get(0)).path("error_id").asText()).isEqualTo(bad);
  }

  @Test
  void aRecordTooLargeForKafkaIsADeadLetterWithoutItsFieldsThere() {
    // given
    stack.createTopics(Map.of(failedTopic.name(), 1));
    String large =
        redis.add(stream, "type", "t", "claim_id", "c", "scan", "x".repeat(3 * 1024 * 1024));
    String good = redis.addClaims(stream, 1).get(0);

    // when
    start(
        "errors.tolerance",
        "all",
        "redis.failed.stream",
        failed,
        "errors.deadletterqueue.topic.name",
        failedTopic.name());

    // then
    assertThat(streamIds(topic.await(1))).containsExactly(good);
    JsonNode letter = json(failedTopic.await(1).get(0));
    assertThat(letter.path("error_id").asText()).isEqualTo(large);
    assertThat(letter.path("error_message").asText()).contains("event.max.bytes");
    assertThat(letter.path("fields_left_out").asBoolean()).isTrue();
    awaitNothingPending();
    assertThat(Redis.fields(redis.entries(failed).get(0)).get("scan")).hasSize(3 * 1024 * 1024);
  }

  @Test
  void aRecordThatOnlyItsConverterMakesTooLargeIsADeadLetterAtOnce() {
    // given bytes within event.max.bytes that are too many for the producer as base64
    stack.createTopics(Map.of(failedTopic.name(), 1));
    byte[] scan = new byte[900_000];
    Arrays.fill(scan, (byte) 0xff);
    String large = redis.add(stream, "claim_id", "c", "scan", scan);
    redis.add(stream, "claim_id", "c", "note", "fits");

    // when
    start(
        "event.format",
        "generic",
        "errors.tolerance",
        "all",
        "redis.failed.stream",
        failed,
        "errors.deadletterqueue.topic.name",
        failedTopic.name());

    // then
    assertThat(json(topic.await(1).get(0)).path("fields").path("note").asText()).isEqualTo("fits");
    JsonNode letter = json(failedTopic.await(1).get(0));
    assertThat(letter.path("error_id").asText()).isEqualTo(large);
    assertThat(letter.path("error_message").asText())
        .contains(stream, large, "as JSON", "event.max.bytes");
    assertThat(letter.path("fields_left_out").asBoolean()).isTrue();
    awaitNothingPending();
    assertThat(redis.entries(failed).get(0).bytes()).isGreaterThan(900_000);
    assertThat(runs(stack.connect(), connector, 1)).isTrue();
  }

  @Test
  void aTaskThatABadEntryFailedGoesOnOnceTheConfigurationIsRight() {
    // given a key field that the entries do not have
    List<String> ids = redis.addClaims(stream, 50);
    stack
        .connect()
        .createOrUpdate(
            connector,
            stack.example("claims-source.json", settings("event.key.field", "policy_number")));
    assertThat(failure())
        .contains(stream, ids.get(0), "policy_number", "errors.tolerance=all", "stays pending")
        .doesNotContain("CLM-0");
    assertThat(redis.pending(stream, GROUP)).isPositive();

    // when
    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));

    // then
    assertThat(streamIds(topic.await(50))).containsExactlyInAnyOrderElementsOf(ids);
    awaitNothingPending();
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    return headers;
  }
}
