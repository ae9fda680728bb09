/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter.apicurio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.apicurio.registry.utils.converter.AvroConverter;
import io.claimstream.connect.converter.FakeRegistry;
import io.claimstream.connect.converter.RegistryOutage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachingSchemaResolverTest {
  private static final Schema V1 =
      SchemaBuilder.struct().name("n.Event").version(1).field("a", Schema.STRING_SCHEMA).build();
  private static final Schema V2 =
      SchemaBuilder.struct()
          .name("n.Event")
          .version(2)
          .field("a", Schema.STRING_SCHEMA)
          .field("b", SchemaBuilder.string().defaultValue("x").build())
          .build();
  private static final Struct OLD = new Struct(V1).put("a", "old");
  private static final Struct NEW = new Struct(V2).put("a", "new").put("b", "y");

  private final FakeRegistry registry = new FakeRegistry();

  @AfterEach
  void end() {
    registry.close();
  }

  private AvroConverter<Object> converter(Map<String, String> more) {
    Map<String, Object> settings = new HashMap<>(registry.apicurio());
    settings.put("apicurio.registry.schema-resolver", CachingSchemaResolver.class.getName());
    settings.putAll(more);
    AvroConverter<Object> converter = new AvroConverter<>();
    converter.configure(settings, false);
    return converter;
  }

  private static int id(AvroConverter<Object> converter, Struct event) {
    byte[] record = converter.fromConnectData("t", event.schema(), event);
    return ByteBuffer.wrap(Objects.requireNonNull(record)).getInt(1);
  }

  @Test
  void eachVersionIsRegisteredOnceAndKeepsItsOwnId() {
    try (AvroConverter<Object> converter = converter(Map.of())) {
      int first = id(converter, OLD);
      int second = id(converter, NEW);

      for (int i = 0; i < 100; i++) {
        assertThat(id(converter, OLD)).isEqualTo(first);
        assertThat(id(converter, NEW)).isEqualTo(second);
      }
      assertThat(second).isNotEqualTo(first);
      assertThat(registry.registrations()).isEqualTo(2);
    }
  }

  @Test
  void aRegistryThatHasForgottenGetsTheSchemaBack() {
    try (AvroConverter<Object> converter =
        converter(Map.of("apicurio.registry.check-period-ms", "200"))) {
      int before = id(converter, OLD);

      // when
      registry.forget();

      // then
      await().atMost(Duration.ofSeconds(10)).until(() -> id(converter, OLD) != before);
      assertThat(registry.registrations()).isGreaterThan(1);
    }
  }

  @Test
  void aRegistryThatFreezesHoldsNothingUpThatIsKnown() {
    try (AvroConverter<Object> converter =
        converter(Map.of("apicurio.registry.check-period-ms", "100"))) {
      int before = id(converter, OLD);
      byte[] record = converter.fromConnectData("t", V1, OLD);
      converter.toConnectData("t", record);

      // when
      registry.freeze();
      int requests = registry.requests();

      // then for several periods, in which it is asked and does not answer
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> {
                assertThat(id(converter, OLD)).isEqualTo(before);
                assertThat(converter.toConnectData("t", record).value()).isNotNull();
                return registry.requests() >= requests + 3;
              });
    }
  }

  @Test
  void aRegistryThatFreezesIsAnOutageForWhatIsNotKnown() {
    try (AvroConverter<Object> converter = converter(Map.of("registry.timeout.ms", "300"))) {
      id(converter, OLD);
      registry.freeze();

      assertThatThrownBy(() -> id(converter, NEW))
          .satisfies(
              thrown ->
                  assertThat(RegistryOutage.in(thrown))
                      .contains("HttpTimeoutException: no answer within 300 ms"));

      // and when
      registry.recover();

      // then
      assertThat(id(converter, NEW)).isPositive();
    }
  }

  @Test
  void aSchemaThatTheRegistryRefusesLaterOnIsRefusedToTheRecord() {
    try (AvroConverter<Object> converter =
        converter(Map.of("apicurio.registry.check-period-ms", "100"))) {
      id(converter, OLD);

      // when
      registry.answer(
          409, "{\"error_code\":409,\"name\":\"RuleViolationException\",\"message\":\"no\"}");

      // then
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThatThrownBy(() -> id(converter, OLD)).hasMessageContaining("no"));
    }
  }

  @Test
  void aRecordThatNamesNoSchemaIsABadRecordWhoseMessageSaysSo() {
    byte[] text = "plain text".getBytes(StandardCharsets.UTF_8);
    try (AvroConverter<Object> reader = converter(Map.of())) {
      assertThatThrownBy(
              // with headers, as Connect asks
              () -> reader.toConnectData("t", new RecordHeaders(), text))
          .hasMessageContaining("names no schema")
          .hasMessageContaining("magic byte")
          .hasMessageNotContaining("plain text")
          .satisfies(thrown -> assertThat(RegistryOutage.in(thrown)).isEmpty());
    }
  }

  @Test
  void anIdIsLookedUpOnce() {
    try (AvroConverter<Object> writer = converter(Map.of());
        AvroConverter<Object> reader =
            converter(Map.of("apicurio.registry.check-period-ms", "1"))) {
      byte[] record = writer.fromConnectData("t", V1, OLD);
      reader.toConnectData("t", record);
      int requests = registry.requests();

      for (int i = 0; i < 100; i++) {
        reader.toConnectData("t", record);
      }

      assertThat(registry.requests()).isEqualTo(requests);
    }
  }
}
