/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordEncoderTest {
  private static final Date MOMENT = Date.from(Instant.parse("2026-03-01T12:30:00.250Z"));
  private static final byte[] BYTES = {0, (byte) 0xff, 'a'};

  private final RecordEncoder encoder = new RecordEncoder(NullValues.IGNORE, BytesFormat.BASE64);

  static List<Arguments> primitives() {
    return List.of(
        Arguments.of("text", "text"),
        Arguments.of((byte) 1, "1"),
        Arguments.of(42, "42"),
        Arguments.of(Long.MAX_VALUE, "9223372036854775807"),
        Arguments.of(1.5, "1.5"),
        Arguments.of(true, "true"),
        Arguments.of(new BigDecimal("1E+3"), "1000"),
        Arguments.of(BYTES, "AP9h"),
        Arguments.of(List.of(1, "b"), "[1,\"b\"]"));
  }

  @ParameterizedTest
  @MethodSource("primitives")
  void valueThatIsNoContainerBecomesTheFieldValue(Object value, String text) {
    assertThat(encode(null, value)).isEqualTo(Map.of("value", text));
  }

  @Test
  void decimalsArePlainAndKeepTheirScale() {
    assertThat(encodeMember(Decimal.schema(2), new BigDecimal("1200.50"))).isEqualTo("1200.50");
    assertThat(encodeMember(Decimal.schema(9), new BigDecimal("0.000000001")))
        .isEqualTo("0.000000001");
    assertThat(encodeMember(Decimal.schema(-3), new BigDecimal("1E+3"))).isEqualTo("1000");
  }

  @Test
  void timesAreIso8601() {
    assertThat(encodeMember(Timestamp.SCHEMA, MOMENT)).isEqualTo("2026-03-01T12:30:00.250Z");
    assertThat(encodeMember(Time.SCHEMA, new Date(45_000_000))).isEqualTo("12:30:00");
    assertThat(encodeMember(org.apache.kafka.connect.data.Date.SCHEMA, new Date(86_400_000L * 365)))
        .isEqualTo("1971-01-01");
  }

  @Test
  void bytesAreBase64OrRaw() {
    assertThat(encodeMember(Schema.BYTES_SCHEMA, ByteBuffer.wrap(BYTES))).isEqualTo("AP9h");

    List<byte[]> raw =
        new RecordEncoder(NullValues.IGNORE, BytesFormat.RAW)
            .encode(record(Schema.BYTES_SCHEMA, BYTES))
            .orElseThrow();
    assertThat(raw.get(1)).isEqualTo(BYTES);
  }

  @Test
  void nestedValuesAreJsonByTheSameRules() {
    Schema inner =
        SchemaBuilder.struct()
            .field("amount", Decimal.schema(2))
            .field("at", Timestamp.SCHEMA)
            .field("none", Schema.OPTIONAL_STRING_SCHEMA)
            .field("count", Schema.INT64_SCHEMA)
            .field("raw", Schema.BYTES_SCHEMA)
            .field("tags", SchemaBuilder.array(Schema.OPTIONAL_STRING_SCHEMA))
            .field("days", SchemaBuilder.map(Schema.INT32_SCHEMA, Time.SCHEMA))
            .build();
    Struct nested =
        new Struct(inner)
            .put("amount", new BigDecimal("10.00"))
            .put("at", MOMENT)
            .put("count", 3L)
            .put("raw", BYTES)
            .put("tags", Arrays.asList("é\"", null))
            .put("days", Map.of(1, new Date(1000)));

    assertThat(encodeMember(inner, nested))
        .isEqualTo(
            "{\"amount\":\"10.00\",\"at\":\"2026-03-01T12:30:00.250Z\",\"count\":3,"
                + "\"raw\":\"AP9h\",\"tags\":[\"é\\\"\",null],\"days\":{\"1\":\"00:00:01\"}}");
  }

  @Test
  void structGivesItsFieldsInOrderWithoutNullsAndWithTheSchemasVersion() {
    Schema schema =
        SchemaBuilder.struct()
            .version(3)
            .field("claim_id", Schema.STRING_SCHEMA)
            .field("note", Schema.OPTIONAL_STRING_SCHEMA)
            .field("status", SchemaBuilder.string().defaultValue("OPEN").build())
            .build();

    Map<String, String> fields = encode(schema, new Struct(schema).put("claim_id", "C-1"));

    assertThat(fields)
        .containsExactly(
            Map.entry("claim_id", "C-1"),
            Map.entry("status", "OPEN"),
            Map.entry("schema_version", "3"));
  }

  @Test
  void versionThatTheRecordCarriesIsKept() {
    Schema schema =
        SchemaBuilder.struct().version(3).field("schema_version", Schema.INT32_SCHEMA).build();

    assertThat(encode(schema, new Struct(schema).put("schema_version", 2)))
        .isEqualTo(Map.of("schema_version", "2"));
  }

  @Test
  void mapGivesAFieldPerMember() {
    Map<Object, @Nullable Object> map = new TreeMap<>();
    map.put("amount", new BigDecimal("1.10"));
    map.put("none", null);

    assertThat(encode(null, map)).isEqualTo(Map.of("amount", "1.10"));
  }

  @Test
  void mapKeysBecomeText() {
    Schema schema = SchemaBuilder.map(Schema.INT32_SCHEMA, Schema.STRING_SCHEMA).build();

    assertThat(encode(schema, Map.of(7, "x"))).isEqualTo(Map.of("7", "x"));
  }

  @Test
  void mapKeyWithoutTextIsRefused() {
    assertThatThrownBy(() -> encode(null, Map.of(List.of(), "x")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("map key");
  }

  @Test
  void tombstoneIsPassedOverOrRefused() {
    assertThat(encoder.encode(record(null, null))).isEmpty();

    RecordEncoder strict = new RecordEncoder(NullValues.FAIL, BytesFormat.BASE64);
    assertThatThrownBy(() -> strict.encode(record(null, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("behavior.on.null.values");
  }

  @Test
  void recordWithoutAnyFieldIsRefused() {
    assertThatThrownBy(() -> encode(null, Map.of())).isInstanceOf(DataException.class);
  }

  @Test
  void unknownTypeIsRefusedByFieldNameAndNeverByValue() {
    Object secret =
        new Object() {
          @Override
          public String toString() {
            return "secret";
          }
        };

    assertThatThrownBy(() -> encode(null, Map.of("note", List.of(secret))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'note'")
        .hasMessageNotContaining("secret");
  }

  private String encodeMember(Schema member, Object value) {
    Schema schema = SchemaBuilder.struct().field("member", member).build();
    return String.valueOf(encode(schema, new Struct(schema).put("member", value)).get("member"));
  }

  private Map<String, String> encode(@Nullable Schema schema, Object value) {
    List<byte[]> flat = encoder.encode(record(schema, value)).orElseThrow();
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      fields.put(text(flat.get(i)), text(flat.get(i + 1)));
    }
    return fields;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(@Nullable Schema schema, @Nullable Object value) {
    return new SinkRecord("claims", 0, null, null, schema, value, 0);
  }
}
