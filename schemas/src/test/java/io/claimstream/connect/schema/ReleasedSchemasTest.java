/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Timestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemas that ship: each version reads its predecessor, and a released one never changes. */
class ReleasedSchemasTest {

  @ParameterizedTest
  @ValueSource(strings = {"claim-event", "claim-analytics", "claim-failure"})
  void everyVersionReadsWhatItsPredecessorWrote(String subject) {
    // load() refuses a version that cannot, by Avro's own checker
    assertThat(EventSchemas.load("classpath:schemas/" + subject).all()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-event/v1", "claim-analytics/v1", "claim-failure/v1"})
  void aReleasedVersionNeverChanges(String version) throws IOException {
    // given the fingerprints taken at release
    Map<String, Long> released =
        Map.of(
            "claim-event/v1", 6997609043752334609L,
            "claim-analytics/v1", -6320666828624583038L,
            "claim-failure/v1", -9008544201297991499L);

    // when
    long fingerprint;
    try (InputStream file =
        Objects.requireNonNull(
            ReleasedSchemasTest.class.getResourceAsStream("/schemas/" + version + ".avsc"))) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      org.apache.avro.Schema schema = new org.apache.avro.Schema.Parser().parse(text);
      fingerprint =
          SchemaNormalization.fingerprint64(schema.toString().getBytes(StandardCharsets.UTF_8));
    }

    // then
    assertThat(fingerprint)
        .as("%s changed: make a new version instead", version)
        .isEqualTo(released.get(version));
  }

  @Test
  void theClaimEventKeepsNamesDocsTypesAndDefaultsInConnect() {
    // when
    Schema event = EventSchemas.load("classpath:schemas/claim-event").latest().connect();

    // then
    assertThat(event.name()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(event.version()).isEqualTo(1);
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
  }
}
