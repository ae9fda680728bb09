/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas that ship: each version reads every former one, and a released one never changes. */
class ReleasedSchemasTest {
  private static final Path FOLDER = Path.of("src/main/resources/schemas");

  /** The fingerprints taken at release. */
  private static final Map<String, Long> RELEASED =
      Map.of(
          "claim-event/v1", 6997609043752334609L,
          "claim-event/v2", -5420655929315797979L,
          "claim-analytics/v1", -6320666828624583038L,
          "claim-failure/v1", -9008544201297991499L,
          "claim-failure/v2", 7939127398996724000L,
          "claim-snapshot/v1", -7411279378300321687L);

  @ParameterizedTest
  @MethodSource("subjects")
  void everyVersionReadsWhatEveryFormerOneWrote(String subject) {
    List<org.apache.avro.Schema> versions =
        EventSchemas.load("classpath:schemas/" + subject).all().stream()
            .map(EventSchema::avro)
            .toList();
    SchemaValidator backwardTransitive =
        new SchemaValidatorBuilder().canReadStrategy().validateAll();

    for (int i = 0; i < versions.size(); i++) {
      org.apache.avro.Schema version = versions.get(i);
      List<org.apache.avro.Schema> former = versions.subList(0, i);
      assertThatCode(() -> backwardTransitive.validate(version, former))
          .as("%s version %d", subject, i + 1)
          .doesNotThrowAnyException();
    }
  }

  static List<String> subjects() throws IOException {
    return files().stream().map(file -> file.replaceFirst("/.*", "")).distinct().toList();
  }

  @ParameterizedTest
  @MethodSource("files")
  void aReleasedVersionNeverChanges(String version) throws IOException {
    String text = Files.readString(FOLDER.resolve(version + ".avsc"));
    org.apache.avro.Schema schema = new org.apache.avro.Schema.Parser().parse(text);
    long fingerprint =
        SchemaNormalization.fingerprint64(schema.toString().getBytes(StandardCharsets.UTF_8));

    assertThat(RELEASED)
        .as("%s changed: make a new version instead; or it is new: add its fingerprint", version)
        .containsEntry(version, fingerprint);
  }

  @Test
  void noReleasedVersionIsTakenAway() throws IOException {
    assertThat(files()).containsExactlyInAnyOrderElementsOf(RELEASED.keySet());
  }

  /** Every version there is, such as claim-event/v1. */
  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> FOLDER.relativize(file).toString().replace(".avsc", ""))
          .toList();
    }
  }

  @Test
  void theClaimEventKeepsNamesDocsTypesAndDefaultsInConnect() {
    // when
    Schema event = EventSchemas.load("classpath:schemas/claim-event").latest().connect();

    // then
    assertThat(event.name()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(event.version()).isEqualTo(2);
    assertThat(event.doc()).isNotBlank();
    assertThat(event.field("claim_id").schema().isOptional()).isFalse();
    assertThat(event.field("claim_id").schema().doc()).isNotBlank();
    Schema amount = event.field("amount").schema();
    assertThat(amount.name()).isEqualTo(Decimal.LOGICAL_NAME);
    assertThat(amount.parameters())
        .containsEntry("scale", "2")
        .containsEntry("connect.decimal.precision", "18");
    assertThat(amount.isOptional()).isTrue();
    assertThat(event.field("timestamp").schema().name()).isEqualTo(Timestamp.LOGICAL_NAME);
    Schema attributes = event.field("attributes").schema();
    assertThat(attributes.type()).isEqualTo(Schema.Type.MAP);
    assertThat(attributes.defaultValue()).isEqualTo(Map.of());
    assertThat(event.field("currency").schema().defaultValue()).isEqualTo("EUR");
    Schema incident = event.field("incident").schema();
    assertThat(incident.isOptional()).isTrue();
    assertThat(incident.name()).isEqualTo("io.claimstream.events.Incident");
    assertThat(incident.field("date").schema().name()).isEqualTo(Date.LOGICAL_NAME);
    assertThat(AvroParameters.symbols(incident.field("kind").schema())).contains("OTHER", "FIRE");
  }

  @Test
  void anEventOfVersionOneKeepsItsAttributesAndGetsTheDefaultsOfVersionTwo() throws IOException {
    // given
    EventSchemas schemas = EventSchemas.load("classpath:schemas/claim-event");
    EventSchema v1 = schemas.version(1).orElseThrow();
    Struct written =
        new Struct(v1.connect())
            .put("stream_id", "1-0")
            .put("type", "claim_paid")
            .put("claim_id", "CLM-1")
            .put("amount", new BigDecimal("10.00"))
            .put("attributes", Map.of("status", "failed", "currency", "CHF"));

    // when
    Struct upgraded = schemas.upgrade(v1, written);

    // then what was an attribute stays one: its type was never promised
    assertThat(upgraded.getMap("attributes"))
        .isEqualTo(Map.of("status", "failed", "currency", "CHF"));
    assertThat(upgraded.get("status")).isNull();
    assertThat(upgraded.get("amount")).isEqualTo(new BigDecimal("10.00"));
    assertThat(SchemaUpgrade.between(v1, schemas.latest()).isDirect()).isTrue();
    assertThat(upgraded).isEqualTo(AvroResolution.upgrade(v1, schemas.latest(), written));
  }
}
