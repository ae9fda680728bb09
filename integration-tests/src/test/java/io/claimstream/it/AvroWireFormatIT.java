/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.pulsar.kafka.shade.avro.Schema;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroConverter;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The topic as Confluent's own code reads it. */
@ExtendWith(Stack.class)
class AvroWireFormatIT {
  private final Stack stack;

  AvroWireFormatIT(Stack stack) {
    this.stack = stack;
  }

  private ConsumerRecord<byte[], byte[]> oneEvent(String example) {
    String stream = Stack.unique("claims:events");
    String name = Stack.unique("avro");
    Topic topic = stack.topic(stream.replace(':', '.'));
    stack.createTopics(Map.of(topic.name(), 1));
    try (Redis redis = stack.redis()) {
      redis.add(
          stream,
          "type",
          "claim_submitted",
          "claim_id",
          "CLM-12345",
          "customer_id",
          "CUST-001",
          "timestamp",
          "2024-08-20T10:30:00Z",
          "amount",
          "-5000.07",
          "region",
          "north");
      stack.run(name, stack.example(example, Map.of("redis.streams", stream)));
      List<ConsumerRecord<byte[], byte[]>> records = topic.await(1);
      assertThat(records).hasSize(1);
      return records.get(0);
    } finally {
      stack.connect().delete(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claims-source.json", "claims-source-confluent.json"})
  void confluentsDeserializerReadsEveryTypeTheVersionAndTheKey(String example) {
    // given
    ConsumerRecord<byte[], byte[]> record = oneEvent(example);
    String subject = record.topic() + "-value";

    // when
    GenericRecord event;
    try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
      deserializer.configure(Map.of("schema.registry.url", stack.registry().confluentUrl()), false);
      event = (GenericRecord) deserializer.deserialize(record.topic(), record.value());
    }

    // then
    assertThat(record.value()[0]).as("magic byte").isZero();
    assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("CLM-12345");
    assertThat(stack.registry().subjects()).contains(subject);
    Schema schema = event.getSchema();
    assertThat(schema.getFullName()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(schema.getObjectProp("connect.version")).isEqualTo(2);
    assertThat(event.get("stream_id").toString()).matches("\\d{13}-\\d+");
    assertThat(event.get("type")).hasToString("claim_submitted");
    assertThat(event.get("claim_id")).hasToString("CLM-12345");
    assertThat(event.get("customer_id")).hasToString("CUST-001");
    assertThat(event.get("timestamp")).isEqualTo(1_724_149_800_000L);
    assertThat(decimal(event.get("amount"))).isEqualTo(new BigDecimal("-5000.07"));
    assertThat(event.get("attributes")).hasToString("{region=north}");
    assertThat(branch(schema, "amount").getObjectProp("logicalType")).isEqualTo("decimal");
    assertThat(branch(schema, "amount").getObjectProp("precision")).isEqualTo(18);
    assertThat(branch(schema, "amount").getObjectProp("scale")).isEqualTo(2);
    assertThat(branch(schema, "timestamp").getObjectProp("logicalType"))
        .isEqualTo("timestamp-millis");
  }

  @Test
  void confluentsConverterGivesTheConnectSchemaBack() {
    // given
    ConsumerRecord<byte[], byte[]> record = oneEvent("claims-source.json");

    // when
    AvroConverter converter = new AvroConverter();
    converter.configure(Map.of("schema.registry.url", stack.registry().confluentUrl()), false);
    var value = converter.toConnectData(record.topic(), record.value());

    // then
    assertThat(value.schema().version()).isEqualTo(2);
    assertThat(value.schema().name()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(value.schema().field("amount").schema().name())
        .isEqualTo("org.apache.kafka.connect.data.Decimal");
    assertThat(value.schema().field("claim_id").schema().doc()).isNotBlank();
  }

  private static Schema branch(Schema schema, String field) {
    return schema.getField(field).schema().getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  private static BigDecimal decimal(Object value) {
    ByteBuffer buffer = (ByteBuffer) value;
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return new BigDecimal(new BigInteger(bytes), 2);
  }
}
