/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The sink through its front door: a JSON configuration posted to a real worker. */
class SinkIT extends SinkTestBase {

  SinkIT(Stack stack) {
    super(stack, 1);
  }

  @Test
  void aMapBecomesTheFlatFieldsOfAnEntryInTheOrderOfTheTopic() {
    // given
    for (int i = 0; i < 50; i++) {
      topic.produce(
          "k",
          json(
              "{\"n\":"
                  + i
                  + ",\"ok\":true,\"none\":null,\"nested\":{\"a\":[1,2]},\"text\":\"ä\"}"));
    }

    // when
    start();
    List<StreamEntry> entries = arrived(50);

    // then
    assertThat(entries).hasSize(50);
    for (int i = 0; i < 50; i++) {
      assertThat(Redis.fields(entries.get(i)))
          .isEqualTo(
              Map.of("n", String.valueOf(i), "ok", "true", "nested", "{\"a\":[1,2]}", "text", "ä"));
    }
  }

  @Test
  void theWholeValueIsOneJsonFieldBesideTheKeyIfAskedFor() {
    // given
    topic.produce("CLM-1", json("{\"n\":1,\"nested\":{\"a\":[1,2]}}"));

    // when
    start(
        "redis.value.field",
        "payload",
        "redis.key.field",
        "claim_id",
        "key.converter",
        "org.apache.kafka.connect.storage.StringConverter");

    // then
    Map<String, String> fields = Redis.fields(arrived(1).get(0));
    assertThat(fields).containsOnlyKeys("claim_id", "payload").containsEntry("claim_id", "CLM-1");
    // without a schema, Connect's converter keeps no order
    assertThat(fields.get("payload"))
        .isIn("{\"n\":1,\"nested\":{\"a\":[1,2]}}", "{\"nested\":{\"a\":[1,2]},\"n\":1}");
  }

  @Test
  void aBadRecordGoesToTheDeadLetterQueueAndItsNeighboursArriveOnce() {
    // given
    topic.produce("k", json("{\"n\":0}"));
    topic.produce("k", json("{}"));
    topic.produce("k", json("{\"n\":1}"));

    // when
    start();
    List<StreamEntry> entries = arrived(2);

    // then
    assertThat(entries.stream().map(entry -> Redis.fields(entry).get("n")))
        .containsExactly("0", "1");
    assertThat(stack.topic(topic.name() + ".failed").await(1)).hasSize(1);
  }

  @Test
  void analyticsThatCameOutOfOneStreamGoIntoAnotherUnchanged() {
    // given figures as text in a stream, through Kafka as Avro
    String from = Stack.unique("claims:figures");
    String source = Stack.unique("figures");
    List<Map<String, String>> figures = new ArrayList<>();
    try (Redis redis = stack.redis()) {
      for (int i = 0; i < 20; i++) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("type", "claim_é" + i);
        fields.put("window_start", "2024-08-20T10:%02d:00Z".formatted(i));
        fields.put("window_end", "2024-08-20T10:%02d:00.250Z".formatted(i + 1));
        fields.put("count", String.valueOf(i));
        fields.put("amount_total", i - 10 + ".50");
        fields.put("amount_mean", "-0.01");
        fields.put("failures", "0");
        fields.put("schema_version", "1");
        figures.add(fields);
        List<String> flat = new ArrayList<>();
        fields.forEach((name, value) -> flat.addAll(List.of(name, value)));
        redis.add(from, flat.toArray());
      }
    }
    stack.run(
        source,
        stack.example(
            "claims-source.json",
            Map.of(
                "redis.streams", from,
                "topic", topic.name(),
                "event.schemas", "classpath:schemas/claim-analytics",
                "event.key.field", "type",
                "event.timestamp.field", "window_start",
                "unknown.fields", "fail")));

    // when
    startWithAvro();
    List<StreamEntry> entries = arrived(20);
    stack.connect().delete(source);

    // then
    assertThat(entries).extracting(Redis::fields).isEqualTo(figures);
  }

  @Test
  void anOutageOfRedisLosesNothing() {
    // given
    int count = 3_000;
    start();
    Set<String> expected = new HashSet<>();

    // when Redis dies while records come
    for (int i = 0; i < count; i++) {
      expected.add(String.valueOf(i));
    }
    List<byte[]> values = expected.stream().map(n -> json("{\"n\":" + n + "}")).toList();
    topic.produce(values.subList(0, count / 2));
    stack.servers().redis().kill();
    topic.produce(values.subList(count / 2, count));
    stack.servers().redis().restart();

    // then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Set<String> numbers = new HashSet<>();
              arrived(count).forEach(entry -> numbers.add(Redis.fields(entry).get("n")));
              assertThat(numbers).isEqualTo(expected);
            });
    assertThat(stack.connect().status(connector).path("tasks").path(0).path("state").asText())
        .isEqualTo("RUNNING");
  }
}
