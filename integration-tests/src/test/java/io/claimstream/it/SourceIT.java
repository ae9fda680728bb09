/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The source through its front door: a JSON configuration posted to a real worker. */
class SourceIT extends SourceTestBase {

  SourceIT(Stack stack) {
    super(stack);
  }

  @Test
  void everyEntryArrivesOnceUnderItsClaimAndIsAcknowledged() {
    // given
    List<String> ids = redis.addClaims(stream, 5_000);

    // when
    start();
    List<ConsumerRecord<byte[], byte[]>> records = topic.await(ids.size());

    // then
    assertThat(streamIds(records)).containsExactlyInAnyOrderElementsOf(ids);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      assertThat(new String(record.key(), StandardCharsets.UTF_8))
          .isEqualTo(json(record).path("claim_id").asText());
      assertThat(json(record).path("timestamp").asLong()).isEqualTo(1_724_149_800_000L);
      assertThat(Instant.ofEpochMilli(record.timestamp()))
          .isCloseTo(Instant.now(), within(Duration.ofMinutes(10)));
    }
    awaitNothingPending();
  }

  @Test
  void anEventThatIsOneJsonFieldIsTypedAndOthersAreFilteredOrBecomeHeaders() {
    // given
    String payload = "{\"claim_id\": \"CLM-1\", \"amount\": 12.50, \"region\": \"north\"}";
    redis.add(stream, "type", "claim_filed", "payload", payload, "trace_id", "t-1");
    redis.add(stream, "type", "claim_paid", "payload", payload, "trace_id", "t-2");

    // when
    start(
        "event.payload.field",
        "payload",
        "event.header.fields",
        "trace_id",
        "event.filter",
        "type=claim_paid");

    // then
    ConsumerRecord<byte[], byte[]> record = topic.await(1).get(0);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(1);
    assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("CLM-1");
    assertThat(json(record).path("type").asText()).isEqualTo("claim_paid");
    assertThat(json(record).at("/attributes/region").asText()).isEqualTo("north");
    assertThat(new String(record.headers().lastHeader("trace_id").value(), StandardCharsets.UTF_8))
        .isEqualTo("t-2");
  }

  @Test
  void anEventOfLongAgoStaysInATopicWithTheBrokersOwnRetention() {
    // given
    redis.addClaims(stream, 10);

    // when it was read, and Kafka has looked twice for what is too old
    start();
    topic.await(10);
    awaitRetention();
    awaitRetention();

    // then
    assertThat(topic.records()).hasSize(10);
    assertThat(stack.log(stream, "record.timestamp=read")).isEmpty();
  }

  @Test
  void whatATopicDoesNotKeepIsReportedOnce() {
    // given
    redis.addClaims(stream, 10);

    // when
    start("record.timestamp", "event");

    // then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(stack.log(stream, "WARN", "record.timestamp=read", "30 days"))
                    .hasSize(1));
    awaitRetention();
    await().atMost(PATIENCE).until(() -> topic.records().isEmpty());
  }

  /** Waits until Kafka has deleted a record for its age. */
  private void awaitRetention() {
    Topic old = stack.topic(Stack.unique("old"));
    stack.createTopics(Map.of(old.name(), 1));
    old.produceAt(Instant.parse("2024-08-20T10:30:00Z"), new byte[1]);
    await("retention").atMost(PATIENCE).until(() -> old.records().isEmpty());
  }

  @Test
  void eventsOfAClaimKeepTheirOrder() {
    // given 40 events of each of 50 claims, mixed
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      ids.add(redis.add(stream, "type", "t", "claim_id", "CLM-" + i % 50));
    }

    // when
    start("redis.read.count", "70");
    List<ConsumerRecord<byte[], byte[]>> records = topic.await(ids.size());

    // then
    for (int claim = 0; claim < 50; claim++) {
      String key = "CLM-" + claim;
      int first = claim;
      List<String> expected = new ArrayList<>();
      for (int i = first; i < ids.size(); i += 50) {
        expected.add(ids.get(i));
      }
      assertThat(
              streamIds(
                  records.stream()
                      .filter(r -> key.equals(new String(r.key(), StandardCharsets.UTF_8)))
                      .toList()))
          .isEqualTo(expected);
    }
  }

  @Test
  void whatTheConsumerLeftPendingComesFirst() {
    // given entries that were read as this lane's consumer and never acknowledged
    List<String> ids = redis.addClaims(stream, 30);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, connector + "-0", "COUNT", 10, "STREAMS", stream, ">");

    // when
    start();
    List<ConsumerRecord<byte[], byte[]>> records = topic.await(ids.size());

    // then
    assertThat(streamIds(records)).containsExactlyInAnyOrderElementsOf(ids);
    awaitNothingPending();
  }

  @Test
  void aRestartRepeatsNothing() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 500));
    start();
    topic.await(ids.size());

    // when
    stack.connect().restart(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    ids.addAll(redis.addClaims(stream, 500));
    topic.await(ids.size());

    // then
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void nothingIsAcknowledgedThatKafkaDoesNotHave() {
    // given a connector whose transactions stay open for a while
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 10));
    start("transaction.boundary", "interval", "transaction.boundary.interval.ms", "5000");
    awaitCommitted(ids);
    topic.await(ids.size());

    // when entries are read that are not committed yet
    ids.addAll(redis.addClaims(stream, 10));
    await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 10);

    // then they stay pending, over twice the interval in which Connect commits offsets otherwise
    await()
        .during(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(10))
        .until(() -> redis.pending(stream, GROUP) == 10);
    assertThat(topic.records()).hasSize(ids.size() - 10);

    // and are acknowledged when Kafka has them
    awaitCommitted(ids);
    topic.await(ids.size());
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  /**
   * Adds entries until nothing is pending: a transaction ends when the next batch has been sent.
   */
  private void awaitCommitted(List<String> ids) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              boolean committed = redis.pending(stream, GROUP) == 0;
              if (!committed) {
                ids.addAll(redis.addClaims(stream, 1));
              }
              return committed;
            });
  }

  @Test
  void whatTheProducerFailsOnStaysPending() {
    // given a broker that refuses every record, though not the markers of transactions
    topic.configure("max.message.bytes", "200");
    List<String> ids = redis.addClaims(stream, 10);

    // when
    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));

    // then
    assertThat(failure()).contains("RecordTooLarge");
    assertThat(topic.records()).isEmpty();
    assertThat(redis.pending(stream, GROUP)).isEqualTo(10);

    // and when it takes them again, they arrive once
    topic.configure("max.message.bytes", "1000000");
    stack.connect().restart(connector);
    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(ids);
    awaitNothingPending();
  }

  @Test
  void aMissingClaimIdFailsTheTaskAndTheEntryStaysPending() {
    failsNaming("claim_id", "is missing", "type", "claim_submitted", "amount", "10");
  }

  @Test
  void anAmountThatIsNoNumberFailsTheTaskAndTheEntryStaysPending() {
    failsNaming(
        "amount",
        "is not a number",
        "type",
        "claim_submitted",
        "claim_id",
        "CLM-1",
        "amount",
        "much");
  }

  private void failsNaming(String field, String reason, Object... fields) {
    // given good entries around a bad one
    List<String> good = redis.addClaims(stream, 20);
    String bad = redis.add(stream, fields);
    redis.addClaims(stream, 5);

    // when
    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));

    // then the task names stream, id and field, but no value
    String trace = failure();
    assertThat(trace)
        .contains("entry " + bad + " of stream '" + stream + "': field '" + field + "' " + reason)
        .contains("errors.tolerance")
        .doesNotContain("much");

    // and what came before it is in the topic, while it and what came after is kept by Redis
    assertThat(streamIds(topic.await(good.size()))).containsExactlyInAnyOrderElementsOf(good);
    assertThat(redis.call("XPENDING", stream, GROUP, bad, bad, 1))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(1);
  }

  @Test
  void aBadEntryIsDeadLetteredWhenErrorsAreTolerated() {
    // given
    List<String> good = new ArrayList<>(redis.addClaims(stream, 20));
    String bad = redis.add(stream, "type", "t", "claim_id", "c", "amount", "much");
    good.addAll(redis.addClaims(stream, 5));
    String failed = Stack.unique("claims:failed");

    // when
    start("errors.tolerance", "all", "redis.failed.stream", failed);
    List<ConsumerRecord<byte[], byte[]>> records = topic.await(good.size());

    // then
    assertThat(streamIds(records)).containsExactlyInAnyOrderElementsOf(good);
    awaitNothingPending();
    assertThat(redis.entries(failed)).hasSize(1);
    assertThat(Redis.fields(redis.entries(failed).get(0)))
        .containsEntry("amount", "much")
        .containsEntry("claim_id", "c")
        .containsEntry("error_stream", stream)
        .containsEntry("error_id", bad)
        .containsEntry("error_group", GROUP)
        .containsEntry("error_connector", connector)
        .containsEntry("error_stage", "decode");
  }

  @Test
  void anEntryThatATransformFailsOnIsDeadLetteredInsteadOfVanishing() {
    // given a transform that can only take numbers
    String failed = Stack.unique("claims:failed");
    String good = redis.add(stream, "type", "t", "claim_id", "1", "customer_id", "7");
    String bad = redis.add(stream, "type", "t", "claim_id", "2", "customer_id", "CUST-7");

    // when
    start(
        "errors.tolerance", "all",
        "redis.failed.stream", failed,
        "transforms", "cast",
        "transforms.cast.type", "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.cast.spec", "customer_id:int32");

    // then
    assertThat(streamIds(topic.await(1))).containsExactly(good);
    awaitNothingPending();
    assertThat(redis.entries(failed)).hasSize(1);
    assertThat(Redis.fields(redis.entries(failed).get(0)))
        .containsEntry("error_id", bad)
        .containsEntry("error_stage", "transform_or_convert")
        .containsEntry("customer_id", "CUST-7");
  }

  @Test
  void aRecordThatAFilterDropsOnPurposeIsOnlyAcknowledged() {
    // given events of two types, each with a topic, and a filter on one of the topics
    String failed = Stack.unique("claims:failed");
    Topic kept = stack.topic(topic.name() + ".keep");
    stack.createTopics(Map.of(kept.name(), 1));
    for (int i = 0; i < 20; i++) {
      redis.add(stream, "type", "drop", "claim_id", "c");
    }
    String last = redis.add(stream, "type", "keep", "claim_id", "c");

    // when
    start(
        "redis.failed.stream", failed,
        "topic", "${stream}.${type}",
        "transforms", "drop",
        "transforms.drop.type", "org.apache.kafka.connect.transforms.Filter",
        "transforms.drop.predicate", "dropped",
        "predicates", "dropped",
        "predicates.dropped.type",
            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.dropped.pattern", ".*\\.drop");

    // then
    assertThat(streamIds(kept.await(1))).containsExactly(last);
    awaitNothingPending();
    assertThat(redis.entries(failed)).isEmpty();
  }

  @Test
  void aLaneIsNotReadByTwoConnectorsOfOneNameAndTheOlderSaysSo() {
    // given a running lane
    redis.addClaims(stream, 5);
    start();
    topic.await(5);

    // when another owner takes its generation
    String owner = "claimstream:v1:owner:{" + stream + "}:" + GROUP + ":" + connector + "-0";
    assertThat(redis.call("EXISTS", owner)).isEqualTo(1L);
    redis.call("SET", owner, Long.MAX_VALUE);
    redis.addClaims(stream, 5);

    // then
    String trace = failure();
    assertThat(trace).contains("is owned by a newer task");
    assertThat(topic.records()).hasSize(5);
    assertThatThrownBy(() -> stack.connect().awaitRunning(connector, Duration.ofSeconds(1)))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void anOutageOfRedisIsWaitedOutAndNothingIsLostOrRepeated() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 1_000));
    start();
    topic.await(ids.size());

    // when
    stack.servers().redis().kill();
    stack.servers().redis().restart();
    try (Redis again = stack.redis()) {
      ids.addAll(again.addClaims(stream, 1_000));

      // then
      topic.await(ids.size());
      await().atMost(PATIENCE).until(() -> again.pending(stream, GROUP) == 0);
      assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(stack.connect().status(connector).path("tasks").path(0).path("state").asText())
          .isEqualTo("RUNNING");
    }
  }
}
