/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordEncoderTest {
  private static final Date MOMENT = Date.from(Instant.parse("2026-03-01T12:30:00.250Z"));
  private static final byte[] BYTES = {0, (byte) 0xff, 'a'};

  private final RecordEncoder encoder =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.IGNORE, BytesFormat.BASE64));

  /** Each Connect type: its schema, a value, its text as a field, and its JSON form. */
  static List<Arguments> types() {
    Date day = new Date(86_400_000L * 365);
    Date time = new Date(45_000_000);
    Schema struct = SchemaBuilder.struct().field("a", Schema.INT32_SCHEMA).build();
    return List.of(
        type(Schema.INT8_SCHEMA, (byte) -1, "-1", "-1"),
        type(Schema.INT16_SCHEMA, (short) 300, "300", "300"),
        type(Schema.INT32_SCHEMA, 42, "42", "42"),
        type(Schema.INT64_SCHEMA, Long.MAX_VALUE, "9223372036854775807", "9223372036854775807"),
        type(Schema.FLOAT32_SCHEMA, 1.1f, "1.1", "1.1"),
        type(Schema.FLOAT64_SCHEMA, 1e-7, "0.0000001", "1.0E-7"),
        type(Schema.FLOAT64_SCHEMA, 12345678.9, "12345678.9", "1.23456789E7"),
        type(Schema.FLOAT64_SCHEMA, -0.0, "-0.0", "-0.0"),
        type(Schema.FLOAT32_SCHEMA, 1e9f, "1000000000", "1.0E9"),
        type(Schema.FLOAT64_SCHEMA, Double.NaN, "NaN", "\"NaN\""),
        type(Schema.BOOLEAN_SCHEMA, true, "true", "true"),
        type(Schema.STRING_SCHEMA, "é\"\n", "é\"\n", "\"é\\\"\\n\""),
        type(Schema.STRING_SCHEMA, "", "", "\"\""),
        type(Schema.BYTES_SCHEMA, BYTES, "AP9h", "\"AP9h\""),
        type(Schema.BYTES_SCHEMA, ByteBuffer.wrap(BYTES), "AP9h", "\"AP9h\""),
        type(Decimal.schema(2), new BigDecimal("1200.50"), "1200.50", "\"1200.50\""),
        type(org.apache.kafka.connect.data.Date.SCHEMA, day, "1971-01-01", "\"1971-01-01\""),
        type(Time.SCHEMA, time, "12:30:00", "\"12:30:00\""),
        type(Timestamp.SCHEMA, MOMENT, "2026-03-01T12:30:00.250Z", "\"2026-03-01T12:30:00.250Z\""),
        type(
            SchemaBuilder.array(Decimal.schema(1)).build(),
            List.of(new BigDecimal("1.0")),
            "[\"1.0\"]"),
        type(SchemaBuilder.array(Schema.STRING_SCHEMA).build(), List.of(), "[]"),
        type(map(Schema.STRING_SCHEMA), Map.of("k", 1), "{\"k\":1}"),
        type(map(Schema.INT64_SCHEMA), Map.of(7L, 1), "{\"7\":1}"),
        type(map(Schema.BOOLEAN_SCHEMA), Map.of(true, 1), "{\"true\":1}"),
        type(map(Decimal.schema(1)), Map.of(new BigDecimal("1E+1"), 1), "{\"10\":1}"),
        type(map(org.apache.kafka.connect.data.Date.SCHEMA), Map.of(day, 1), "{\"1971-01-01\":1}"),
        type(map(Time.SCHEMA), Map.of(time, 1), "{\"12:30:00\":1}"),
        type(map(Timestamp.SCHEMA), Map.of(MOMENT, 1), "{\"2026-03-01T12:30:00.250Z\":1}"),
        type(struct, new Struct(struct).put("a", 1), "{\"a\":1}"));
  }

  private static Schema map(Schema keys) {
    return SchemaBuilder.map(keys, Schema.INT32_SCHEMA).build();
  }

  private static Arguments type(Schema schema, Object value, String field, String json) {
    return Arguments.of(schema, value, field, json);
  }

  /** Containers have the same form everywhere. */
  private static Arguments type(Schema schema, Object value, String json) {
    return type(schema, value, json, json);
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyTypeHasItsTextAsAFieldAndInsideOfNestedValues(
      Schema schema, Object value, String field, String json) {
    assertThat(encodeMember(schema, value)).isEqualTo(field);
    assertThat(encodeMember(SchemaBuilder.array(schema).build(), List.of(value)))
        .isEqualTo("[" + json + "]");
    assertThat(encodeMember(mapOf(schema), Map.of("k", value))).isEqualTo("{\"k\":" + json + "}");
    Schema outer = SchemaBuilder.struct().field("m", schema).build();
    assertThat(encodeMember(outer, new Struct(outer).put("m", value)))
        .isEqualTo("{\"m\":" + json + "}");
    assertThat(encode(mapOf(schema), Map.of("k", value))).isEqualTo(Map.of("k", field));
  }

  private static Schema mapOf(Schema values) {
    return SchemaBuilder.map(Schema.STRING_SCHEMA, values).build();
  }

  @ParameterizedTest
  @MethodSource("types")
  void valueThatIsNeitherStructNorMapBecomesTheFieldValue(
      Schema schema, Object value, String field, String json) {
    if (schema.type() == Schema.Type.STRUCT || schema.type() == Schema.Type.MAP) {
      assertThat(encode(schema, value)).doesNotContainKey("value");
    } else {
      assertThat(encode(schema, value)).isEqualTo(Map.of("value", field));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyTypeMayBeNullAndIsLeftOutThen(Schema schema, Object value, String field, String json) {
    Schema optional = optional(schema);
    Schema outer =
        SchemaBuilder.struct().field("none", optional).field("n", Schema.INT32_SCHEMA).build();

    assertThat(encode(outer, new Struct(outer).put("n", 1))).isEqualTo(Map.of("n", "1"));
    assertThat(encodeMember(outer, new Struct(outer).put("n", 1))).isEqualTo("{\"n\":1}");
    assertThat(encodeMember(SchemaBuilder.array(optional).build(), Arrays.asList(null, null)))
        .isEqualTo("[null,null]");
  }

  private static Schema optional(Schema schema) {
    SchemaBuilder optional =
        schema.type() == Schema.Type.ARRAY
            ? SchemaBuilder.array(schema.valueSchema())
            : schema.type() == Schema.Type.MAP
                ? SchemaBuilder.map(schema.keySchema(), schema.valueSchema())
                : new SchemaBuilder(schema.type());
    if (schema.name() != null) {
      optional.name(schema.name()).version(schema.version());
    }
    if (schema.parameters() != null) {
      optional.parameters(schema.parameters());
    }
    if (schema.type() == Schema.Type.STRUCT) {
      schema.fields().forEach(f -> optional.field(f.name(), f.schema()));
    }
    return optional.optional().build();
  }

  @Test
  void memberWithADefaultHasItEverywhere() {
    Schema status = SchemaBuilder.string().defaultValue("OPEN").build();
    Schema amount = Decimal.builder(2).optional().defaultValue(new BigDecimal("0.00")).build();
    Schema schema = SchemaBuilder.struct().field("status", status).field("amount", amount).build();

    assertThat(encode(schema, new Struct(schema)))
        .isEqualTo(Map.of("status", "OPEN", "amount", "0.00"));
    assertThat(encodeMember(schema, new Struct(schema)))
        .isEqualTo("{\"status\":\"OPEN\",\"amount\":\"0.00\"}");
  }

  /** Values without a schema, as from JsonConverter. */
  static List<Arguments> schemaless() {
    return List.of(
        Arguments.of("text", "text", "\"text\""),
        Arguments.of(7L, "7", "7"),
        Arguments.of(1.5, "1.5", "1.5"),
        Arguments.of(false, "false", "false"),
        Arguments.of(new BigDecimal("1E+3"), "1000", "\"1000\""),
        Arguments.of(new BigInteger("9".repeat(30)), "9".repeat(30), '"' + "9".repeat(30) + '"'),
        Arguments.of(MOMENT, "2026-03-01T12:30:00.250Z", "\"2026-03-01T12:30:00.250Z\""),
        Arguments.of(
            Instant.parse("2026-03-01T12:30:00Z"),
            "2026-03-01T12:30:00Z",
            "\"2026-03-01T12:30:00Z\""),
        Arguments.of(BYTES, "AP9h", "\"AP9h\""),
        Arguments.of(List.of(1, List.of("b")), "[1,[\"b\"]]", "[1,[\"b\"]]"),
        Arguments.of(Map.of("a", Map.of("b", 1)), "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"),
        Arguments.of(Map.of(1, "x"), "{\"1\":\"x\"}", "{\"1\":\"x\"}"));
  }

  @ParameterizedTest
  @MethodSource("schemaless")
  void mapWithoutASchemaGivesAFieldPerMember(Object value, String field, String json) {
    assertThat(encode(null, Map.of("m", value))).isEqualTo(Map.of("m", field));
    assertThat(encode(null, Map.of("m", List.of(value)))).isEqualTo(Map.of("m", "[" + json + "]"));
  }

  @Test
  void keyAndHeadersAreLeftOut() {
    SinkRecord record = record(null, Map.of("a", 1));
    SinkRecord withMore =
        record.newRecord(
            record.topic(),
            record.kafkaPartition(),
            Schema.STRING_SCHEMA,
            "key",
            record.valueSchema(),
            record.value(),
            record.timestamp(),
            new ConnectHeaders().addString("trace", "t-1"));

    assertThat(fields(encoder.encode(withMore).orElseThrow())).isEqualTo(Map.of("a", "1"));
    RecordEncoder withHeaders =
        new RecordEncoder(
            new EntryFormat(NullValues.IGNORE, BytesFormat.BASE64, "", "", Set.of(), "header."));
    assertThat(fields(withHeaders.encode(withMore).orElseThrow()))
        .isEqualTo(Map.of("a", "1", "header.trace", "t-1"));
  }

  private static SinkRecord keyed(@Nullable Object value) {
    Schema schema =
        SchemaBuilder.struct()
            .version(3)
            .field("a", Schema.INT32_SCHEMA)
            .field("b", Schema.OPTIONAL_STRING_SCHEMA)
            .build();
    return new SinkRecord(
        "topic",
        0,
        Schema.STRING_SCHEMA,
        "CLM-1",
        schema,
        value == null ? null : new Struct(schema).put("a", 1).put("b", value),
        0,
        0L,
        TimestampType.CREATE_TIME,
        new ConnectHeaders().addString("trace", "007").addString("other", "x"));
  }

  private static EntryFormat format(
      NullValues nulls, String valueField, String keyField, Set<String> headers, String prefix) {
    return new EntryFormat(nulls, BytesFormat.BASE64, valueField, keyField, headers, prefix);
  }

  @Test
  void theWholeValueCanBeOneJsonFieldBesideTheKeyAndChosenHeaders() {
    RecordEncoder whole =
        new RecordEncoder(format(NullValues.IGNORE, "payload", "claim_id", Set.of("trace"), ""));

    Map<String, String> fields = fields(whole.encode(keyed("x")).orElseThrow());

    assertThat(fields)
        .isEqualTo(
            Map.of(
                "claim_id", "CLM-1",
                "payload", "{\"a\":1,\"b\":\"x\"}",
                "schema_version", "3",
                "trace", "007"));
  }

  @Test
  void chosenHeadersHaveThePrefixIfThereIsOne() {
    RecordEncoder chosen =
        new RecordEncoder(format(NullValues.IGNORE, "", "", Set.of("trace"), "header."));

    assertThat(fields(chosen.encode(keyed("x")).orElseThrow()))
        .containsEntry("header.trace", "007")
        .doesNotContainKey("header.other");
  }

  @Test
  void aKeyOrHeaderNamedLikeAMemberOfTheValueMakesABadRecord() {
    RecordEncoder collides = new RecordEncoder(format(NullValues.IGNORE, "", "b", Set.of(), ""));

    assertThatThrownBy(() -> collides.encode(keyed("x")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("field 'b' would occur twice")
        .hasMessageContaining("redis.key.field");
  }

  @Test
  void aTombstoneCarriesItsKeyBesideItsHeaders() {
    RecordEncoder carrying =
        new RecordEncoder(format(NullValues.HEADERS, "", "claim_id", Set.of("trace"), ""));

    assertThat(fields(carrying.encode(keyed(null)).orElseThrow()))
        .isEqualTo(Map.of("claim_id", "CLM-1", "trace", "007"));
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
        new RecordEncoder(EntryFormat.ofMembers(NullValues.IGNORE, BytesFormat.RAW))
            .encode(record(Schema.BYTES_SCHEMA, BYTES))
            .orElseThrow()
            .toList();
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
  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  void recordWithoutAValueBecomesAnEntryOfItsHeadersIfAskedFor() {
    RecordEncoder carrying =
        new RecordEncoder(
            new EntryFormat(NullValues.HEADERS, BytesFormat.BASE64, "", "", Set.of(), "header."));
    ConnectHeaders headers = new ConnectHeaders();
    headers.addString("__connect.errors.topic", "claims.analytics");
    SinkRecord dead =
        new SinkRecord(
            "t", 0, null, null, null, null, 0, null, TimestampType.NO_TIMESTAMP_TYPE, headers);

    List<byte[]> fields = carrying.encode(dead).orElseThrow().toList();

    assertThat(fields.stream().map(part -> new String(part, StandardCharsets.UTF_8)))
        .containsExactly("header.__connect.errors.topic", "claims.analytics");
    assertThatThrownBy(() -> carrying.encode(new SinkRecord("t", 0, null, null, null, null, 0)))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("neither", "headers");
  }

  @Test
  void tombstoneIsSkippedOrRefused() {
    assertThat(encoder.encode(record(null, null))).isEmpty();

    RecordEncoder strict =
        new RecordEncoder(EntryFormat.ofMembers(NullValues.FAIL, BytesFormat.BASE64));
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
    return fields(encoder.encode(record(schema, value)).orElseThrow());
  }

  private static Map<String, String> fields(PackedWords packed) {
    List<byte[]> flat = packed.toList();
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
