/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.utils.converter.ExtJsonConverter;
import io.claimstream.connect.converter.RegistryConverter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same stream through every converter, read back by the other half of each. */
@ExtendWith(Stack.class)
class ConvertersIT {
  private static final byte[] BINARY = {(byte) 0xff, 0, (byte) 0x80};
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final Stack stack;

  ConvertersIT(Stack stack) {
    this.stack = stack;
  }

  /** A converter and its settings. */
  enum Form {
    JSON_WITH_SCHEMA {
      @Override
      Map<String, String> settings(Stack stack) {
        return Map.of(
            "value.converter", "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable", "true");
      }

      @Override
      Converter converter() {
        return new JsonConverter();
      }
    },
    APICURIO_AVRO {
      @Override
      Map<String, String> settings(Stack stack) {
        return converterOf(stack.example("claims-source.json", Map.of()));
      }

      @Override
      Converter converter() {
        return new RegistryConverter();
      }
    },
    CONFLUENT_AVRO {
      @Override
      Map<String, String> settings(Stack stack) {
        return converterOf(stack.example("claims-source-confluent.json", Map.of()));
      }

      @Override
      Converter converter() {
        return new RegistryConverter();
      }
    };

    abstract Map<String, String> settings(Stack stack);

    abstract Converter converter();

    private static Map<String, String> converterOf(ObjectNode config) {
      Map<String, String> settings = new HashMap<>();
      config
          .properties()
          .forEach(
              setting -> {
                if (setting.getKey().startsWith("value.converter")) {
                  settings.put(setting.getKey(), setting.getValue().asText());
                }
              });
      return settings;
    }

    SchemaAndValue read(Stack stack, ConsumerRecord<byte[], byte[]> record) {
      Map<String, Object> own = new HashMap<>();
      settings(stack).forEach((k, v) -> own.put(k.replaceFirst("value\\.converter\\.?", ""), v));
      Converter converter = converter();
      converter.configure(own, false);
      return converter.toConnectData(record.topic(), record.value());
    }
  }

  private ConsumerRecord<byte[], byte[]> through(
      String example, Map<String, String> converter, Object... entry) {
    String stream = Stack.unique("claims:events");
    String name = Stack.unique("converter");
    Topic topic = stack.topic(stream.replace(':', '.'));
    stack.createTopics(Map.of(topic.name(), 1));
    Map<String, String> settings = new HashMap<>(converter);
    settings.put("redis.streams", stream);
    try (Redis redis = stack.redis()) {
      redis.add(stream, entry);
      stack.run(name, stack.example(example, settings));
      ConsumerRecord<byte[], byte[]> record = topic.await(1).get(0);
      stack.connect().delete(name);
      return record;
    }
  }

  private ConsumerRecord<byte[], byte[]> claim(Map<String, String> converter) {
    return through(
        "claims-source.json",
        converter,
        "schema_version",
        "2",
        "type",
        "claim_submitted",
        "claim_id",
        "CLM-12345",
        "timestamp",
        "2024-08-20T12:30:00.250+02:00",
        "amount",
        "-5000.07",
        "status",
        "open",
        "incident",
        "{\"date\": \"1969-12-31\", \"kind\": \"FIRE\"}",
        "region",
        "Zürich ☂");
  }

  private static Map<String, @Nullable Object> expected() {
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("event_id", null);
    event.put("type", "claim_submitted");
    event.put("claim_id", "CLM-12345");
    event.put("customer_id", null);
    event.put("timestamp", 1_724_149_800_250L);
    event.put("amount", new BigDecimal("-5000.07"));
    event.put("currency", "EUR");
    event.put("policy_number", null);
    event.put("status", "open");
    Map<String, @Nullable Object> incident = new LinkedHashMap<>();
    incident.put("date", -1L);
    incident.put("kind", "FIRE");
    incident.put("place", null);
    event.put("incident", incident);
    event.put("attributes", Map.of("region", "Zürich ☂"));
    return event;
  }

  @ParameterizedTest
  @EnumSource
  void theConverterGivesTheTypedEventBackWithItsSchema(Form form) {
    // when
    ConsumerRecord<byte[], byte[]> record = claim(form.settings(stack));
    SchemaAndValue back = form.read(stack, record);

    // then
    assertThat(back.schema().name()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(back.schema().version()).isEqualTo(2);
    assertThat(back.schema().field("amount").schema().name()).isEqualTo(Decimal.LOGICAL_NAME);
    assertThat(back.schema().field("currency").schema().defaultValue()).isEqualTo("EUR");
    assertThat(plain((Struct) back.value())).isEqualTo(expected());
  }

  @ParameterizedTest
  @ValueSource(strings = {"NUMERIC", "BASE64"})
  void jsonWithoutSchemasIsReadByAnyJsonParser(String decimals) throws IOException {
    // when
    ConsumerRecord<byte[], byte[]> record =
        claim(
            Map.of(
                "value.converter", "org.apache.kafka.connect.json.JsonConverter",
                "value.converter.schemas.enable", "false",
                "value.converter.decimal.format", decimals));
    Map<String, @Nullable Object> event =
        JSON.readValue(record.value(), new TypeReference<Map<String, @Nullable Object>>() {});

    // then
    if (decimals.equals("BASE64")) {
      byte[] unscaled = Base64.getDecoder().decode(String.valueOf(event.get("amount")));
      event.put("amount", new BigDecimal(new BigInteger(unscaled), 2));
    }
    event.remove("stream_id");
    assertThat(event.get("incident")).asString().isEqualTo("{date=-1, kind=FIRE, place=null}");
    event.put("incident", expected().get("incident")); // the parser makes an int of the day
    assertThat(event).isEqualTo(expected());
  }

  @Test
  @SuppressWarnings("try") // that it may be interrupted while it closes
  void apicuriosJsonConverterGivesTheTypedEventBackWithTheSchemaOfTheRegistry() throws Exception {
    // given an event as it leaves the connector
    SchemaAndValue event =
        Form.JSON_WITH_SCHEMA.read(stack, claim(Form.JSON_WITH_SCHEMA.settings(stack)));
    String topic = Stack.unique("claims.events");

    try (ExtJsonConverter converter = new ExtJsonConverter()) {
      converter.configure(
          new HashMap<>(
              Map.of(
                  "apicurio.registry.url", stack.registry().apicurioUrl(),
                  "apicurio.registry.auto-register", "true",
                  "decimal.format", "NUMERIC")),
          false);

      // when
      byte[] written = converter.fromConnectData(topic, event.schema(), event.value());
      SchemaAndValue back = converter.toConnectData(topic, written);

      // then
      assertThat(JSON.readTree(written).path("payload").path("amount").decimalValue())
          .isEqualTo(new BigDecimal("-5000.07"));
      assertThat(back.schema().name()).isEqualTo("io.claimstream.events.ClaimEvent");
      assertThat(back.schema().version()).isEqualTo(2);
      assertThat(back.schema().field("currency").schema().defaultValue()).isEqualTo("EUR");
      assertThat(plain((Struct) back.value())).isEqualTo(expected());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theDeserializersOfBothReadWhatEitherConverterWrites(boolean apicurio) {
    // when
    Form form = apicurio ? Form.APICURIO_AVRO : Form.CONFLUENT_AVRO;
    ConsumerRecord<byte[], byte[]> record = claim(form.settings(stack));

    // then
    try (AvroKafkaDeserializer<org.apache.avro.generic.GenericRecord> deserializer =
        new AvroKafkaDeserializer<>()) {
      deserializer.configure(
          Map.of(
              "apicurio.registry.url", stack.registry().apicurioUrl(),
              "apicurio.registry.headers.enabled", "false",
              "apicurio.registry.as-confluent", "true",
              "apicurio.registry.use-id", "contentId"),
          false);
      var event = deserializer.deserialize(record.topic(), record.value());
      assertThat(event.get("timestamp")).isEqualTo(1_724_149_800_250L);
      assertThat(amount(event.get("amount"))).isEqualTo(new BigDecimal("-5000.07"));
      assertThat(event.get("currency")).hasToString("EUR");
    }
    try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
      deserializer.configure(Map.of("schema.registry.url", stack.registry().confluentUrl()), false);
      var event =
          (org.apache.pulsar.kafka.shade.avro.generic.GenericRecord)
              deserializer.deserialize(record.topic(), record.value());
      assertThat(event.get("timestamp")).isEqualTo(1_724_149_800_250L);
      assertThat(amount(event.get("amount"))).isEqualTo(new BigDecimal("-5000.07"));
      assertThat(event.get("currency")).hasToString("EUR");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGenericEntryKeepsItsBytesThroughTheConverter(Form form) {
    // when
    ConsumerRecord<byte[], byte[]> record =
        through(
            "any-stream-source-json.json",
            form.settings(stack),
            "order_id",
            "o-1",
            "photo",
            BINARY);
    Struct entry = (Struct) form.read(stack, record).value();

    // then
    assertThat(entry.getMap("fields")).isEqualTo(Map.of("order_id", "o-1"));
    Map<String, Object> binaries = entry.getMap("binary_fields");
    assertThat(binaries).containsOnlyKeys("photo");
    assertThat(bytes(binaries.get("photo"))).isEqualTo(BINARY);
  }

  private static BigDecimal amount(Object value) {
    return new BigDecimal(new BigInteger(bytes(value)), 2);
  }

  private static byte[] bytes(@Nullable Object value) {
    if (value instanceof byte[] array) {
      return array;
    }
    ByteBuffer buffer = ((ByteBuffer) Objects.requireNonNull(value)).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Without the stream's id, times as milliseconds and dates as days. */
  private static Map<String, @Nullable Object> plain(Struct struct) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (Field field : struct.schema().fields()) {
      Object value = struct.get(field);
      if (value instanceof Struct inner) {
        value = plain(inner);
      } else if (value instanceof Date date) {
        boolean day = org.apache.kafka.connect.data.Date.LOGICAL_NAME.equals(field.schema().name());
        value = day ? Math.floorDiv(date.getTime(), 86_400_000L) : date.getTime();
      }
      fields.put(field.name(), value);
    }
    fields.remove("stream_id");
    return fields;
  }
}
