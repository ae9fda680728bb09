/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Streams other than of claims, and topics other than the stream's. */
class EventTypesIT extends SourceTestBase {

  EventTypesIT(Stack stack) {
    super(stack);
  }

  @Test
  void paymentsAreTypedAndUpgradedByTheirOwnSchemasAlone() {
    // given an entry of each version
    redis.add(
        stream,
        "payment_id",
        "00112233-4455-6677-8899-aabbccddeeff",
        "paid_at",
        "2024-08-20T12:30:00+02:00",
        "amount",
        "99.9",
        "currency",
        "EUR",
        "method",
        "CARD",
        "payer",
        "{\"name\": \"A\", \"country\": \"CH\"}",
        "tags",
        "[\"web\"]");
    redis.add(
        stream,
        "schema_version",
        "2",
        "payment_id",
        "10112233-4455-6677-8899-aabbccddeeff",
        "booked_at",
        "1724149800000",
        "amount",
        "-0.0001",
        "fee",
        "0.25",
        "currency",
        "EUR",
        "method",
        "WALLET",
        "value_date",
        "2024-08-21",
        "payer",
        "{\"name\": \"B\"}");

    topic.configure("retention.ms", "-1");

    // when
    stack.run(
        connector,
        stack.example(
            "payments-source.json",
            settings("value.converter.decimal.format", "NUMERIC", "record.timestamp", "event")));
    List<ConsumerRecord<byte[], byte[]>> records = byTime(topic.await(2));

    // then
    JsonNode first = json(records.get(0));
    assertThat(key(records.get(0))).isEqualTo("00112233-4455-6677-8899-aabbccddeeff");
    assertThat(records.get(0).timestamp()).isEqualTo(1_724_149_800_000L);
    assertThat(first.path("booked_at").asLong()).isEqualTo(1_724_149_800_000L);
    assertThat(first.path("amount").decimalValue()).isEqualByComparingTo("99.9000");
    assertThat(first.path("fee").decimalValue()).isZero();
    assertThat(first.path("payer").path("country").asText()).isEqualTo("CH");
    assertThat(first.path("tags").path(0).asText()).isEqualTo("web");
    JsonNode second = json(records.get(1));
    assertThat(second.path("amount").decimalValue()).isEqualByComparingTo("-0.0001");
    assertThat(second.path("fee").decimalValue()).isEqualByComparingTo("0.25");
    assertThat(second.path("method").asText()).isEqualTo("WALLET");
    assertThat(second.path("value_date").asInt()).isEqualTo(19_956);
    assertThat(second.path("payer").path("country").isNull()).isTrue();
  }

  @Test
  void anEntryOfAVersionThatIsNotThereYetStopsTheTaskAndStays() {
    redis.add(stream, "type", "t", "claim_id", "CLM-1", "schema_version", "3");

    stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings()));

    assertThat(failure())
        .contains("field 'schema_version' names version 3")
        .contains("the latest there is 2");
    assertThat(redis.pending(stream, GROUP)).isEqualTo(1);
  }

  @Test
  void everyTypeOfEventGoesIntoItsOwnTopic() {
    // given
    String submitted = Stack.unique("submitted");
    String paid = Stack.unique("paid");
    stack.createTopics(Map.of("claims." + submitted, 1, "claims." + paid, 1));
    redis.add(stream, "type", submitted, "claim_id", "CLM-1");
    redis.add(stream, "type", paid, "claim_id", "CLM-1");
    redis.add(stream, "type", submitted, "claim_id", "CLM-2");

    // when
    stack.run(connector, stack.example("claims-by-type-source.json", settings()));

    // then
    List<ConsumerRecord<byte[], byte[]>> first = stack.topic("claims." + submitted).await(2);
    assertThat(first).extracting(EventTypesIT::key).containsExactly("CLM-1", "CLM-2");
    assertThat(stack.topic("claims." + paid).await(1)).hasSize(1);
    assertThat(topic.records()).isEmpty();
  }

  @Test
  void typesThatKafkaTakesForOneShareATopicAndNoneChoosesAnInternalOne() {
    // given
    String failed = Stack.unique("claims:failed");
    String base = Stack.unique("claim");
    Topic shared = stack.topic(base + "_paid");
    stack.createTopics(Map.of(shared.name(), 1));
    List<String> good =
        Stream.of(":paid", "_paid", ".paid")
            .map(end -> redis.add(stream, "type", base + end, "claim_id", "c"))
            .toList();
    List<String> bad =
        Stream.of("__consumer_offsets", "_connect-status", "connect-configs", "_schemas")
            .map(type -> redis.add(stream, "type", type, "claim_id", "c"))
            .toList();

    // when
    start("topic", "${type}", "errors.tolerance", "all", "redis.failed.stream", failed);

    // then
    assertThat(streamIds(shared.await(3))).containsExactlyElementsOf(good);
    awaitNothingPending();
    assertThat(redis.entries(failed))
        .extracting(letter -> Redis.fields(letter).get("error_id"))
        .containsExactlyElementsOf(bad);
    assertThat(Redis.fields(redis.entries(failed).get(0)).get("error_message"))
        .contains(stream, bad.get(0), "'topic'");
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  /** The keys lie in several partitions. */
  private static List<ConsumerRecord<byte[], byte[]>> byTime(
      List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream()
        .sorted(Comparator.comparing(record -> json(record).path("stream_id").asText()))
        .toList();
  }
}
