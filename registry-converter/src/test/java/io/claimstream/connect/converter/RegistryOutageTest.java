/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the published converters throw, over HTTP, told apart. */
class RegistryOutageTest {
  private static final Schema SCHEMA =
      SchemaBuilder.struct().name("n.Event").version(1).field("a", Schema.STRING_SCHEMA).build();
  private static final Struct EVENT = new Struct(SCHEMA).put("a", "some text");

  private final FakeRegistry registry = new FakeRegistry();

  @AfterEach
  void end() {
    registry.close();
  }

  private Converter converter(PublishedConverter published) {
    try {
      Converter converter =
          Class.forName(published.type).asSubclass(Converter.class).getConstructor().newInstance();
      Map<String, String> settings = new HashMap<>(published.settings(registry));
      converter.configure(settings, false);
      return converter;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(published.type, e);
    }
  }

  private static Optional<String> writing(Converter converter) {
    return told(() -> converter.fromConnectData("t", SCHEMA, EVENT));
  }

  private static Optional<String> reading(Converter converter, byte[] record) {
    return told(() -> converter.toConnectData("t", record));
  }

  private static Optional<String> told(Runnable conversion) {
    return RegistryOutage.in(
        Objects.requireNonNull(
            catchThrowableOfType(RuntimeException.class, conversion::run), "it went well"));
  }

  @ParameterizedTest
  @EnumSource
  void aRegistryThatIsNotThereIsAnOutageForReadersAndWriters(PublishedConverter published) {
    // given
    byte[] record = converter(published).fromConnectData("t", SCHEMA, EVENT);
    Converter converter = converter(published);

    // when
    registry.close();

    // then
    assertThat(writing(converter)).get().asString().contains("ConnectException");
    assertThat(reading(converter, record)).get().asString().contains("ConnectException");
  }

  @ParameterizedTest
  @CsvSource({
    "APICURIO, 500", "APICURIO, 502", "APICURIO, 503", "APICURIO, 504", "APICURIO, 429",
    "APICURIO, 401", "APICURIO, 403", "APICURIO, 404", "CONFLUENT, 500", "CONFLUENT, 502",
    "CONFLUENT, 503", "CONFLUENT, 504", "CONFLUENT, 429", "CONFLUENT, 401", "CONFLUENT, 403",
    "CONFLUENT, 404"
  })
  void theAnswerOfAProxyInItsPlaceIsAnOutage(PublishedConverter published, int status) {
    // given
    byte[] record = converter(published).fromConnectData("t", SCHEMA, EVENT);
    Converter converter = converter(published);

    // when
    registry.answer(status, "<html>no such backend</html>");

    // then
    assertThat(writing(converter)).isPresent();
    assertThat(reading(converter, record)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "APICURIO, 500, RegistryStorageException",
    "APICURIO, 503, any",
    "CONFLUENT, 500, any",
    "CONFLUENT, 503, any",
    "CONFLUENT, 429, any",
    "CONFLUENT, 401, any"
  })
  void aRegistryThatSaysItCannotIsAnOutage(PublishedConverter published, int status, String name) {
    registry.answer(
        status, "{\"error_code\":%d,\"name\":\"%s\",\"message\":\"down\"}".formatted(status, name));

    assertThat(writing(converter(published))).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "APICURIO, 409, RuleViolationException", "APICURIO, 422, UnprocessableSchemaException",
    "CONFLUENT, 409, any", "CONFLUENT, 422, any"
  })
  void aSchemaThatTheRegistryRefusesIsNone(PublishedConverter published, int status, String name) {
    registry.answer(
        status,
        "{\"error_code\":%d,\"name\":\"%s\",\"message\":\"incompatible\"}".formatted(status, name));

    assertThat(writing(converter(published))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aRecordThatIsBadIsNone(PublishedConverter published) {
    // given
    Converter converter = converter(published);
    byte[] good = Objects.requireNonNull(converter.fromConnectData("t", SCHEMA, EVENT));
    byte[] unknown = good.clone();
    unknown[4] = 77;

    // then
    assertThat(reading(converter, new byte[] {1, 2, 3})).as("no Avro at all").isEmpty();
    assertThat(reading(converter, java.util.Arrays.copyOf(good, 8))).as("cut off").isEmpty();
    assertThat(reading(converter, unknown)).as("an id that nobody knows").isEmpty();
    assertThat(told(() -> converter.fromConnectData("t", SCHEMA, "no struct"))).isEmpty();
  }
}
