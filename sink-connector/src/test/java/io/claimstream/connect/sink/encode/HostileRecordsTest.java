/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any record from a converter becomes an entry or a bad record, and quickly. */
class HostileRecordsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int MIB = 1 << 20;

  private final RecordEncoder encoder =
      new RecordEncoder(
          new EntryFormat(NullValues.IGNORE, BytesFormat.BASE64, "", "", Set.of(), "header."));

  static List<Arguments> hostileValues() {
    BigDecimal ofManyBytes =
        new BigDecimal(new BigInteger(1, "7".repeat(MIB).getBytes(StandardCharsets.US_ASCII)));
    return List.of(
        hostile("a decimal of a few bytes and billions of zeros", decimal(-2_000_000_000)),
        hostile("a decimal of billions of zeros behind the point", decimal(2_000_000_000)),
        hostile("a decimal of the least scale", decimal(Integer.MIN_VALUE)),
        hostile("a decimal of the greatest scale", decimal(Integer.MAX_VALUE)),
        hostile("a decimal of a million bytes", ofManyBytes),
        hostile("an integer of a million bytes", ofManyBytes.unscaledValue()),
        hostile("a list nested too deep", nested(1_001)),
        hostile("a map in itself", mapInItself(1)),
        hostile("a map in itself, many times", mapInItself(20)),
        hostile("a list that fails", failing()),
        hostile("text too large", "7".repeat(33 * MIB)),
        hostile("bytes too large", new byte[30 * MIB]),
        hostile("a list too large", Collections.nCopies(1_000_000, "secret".repeat(10))),
        hostile("text that escapes make too large", List.of("\u0000".repeat(6 * MIB))));
  }

  private static Arguments hostile(String what, Object value) {
    return Arguments.of(what, value);
  }

  private static BigDecimal decimal(int scale) {
    return Decimal.toLogical(Decimal.schema(scale), new byte[] {7});
  }

  private static Object nested(int depth) {
    Object value = "secret";
    for (int i = 0; i < depth; i++) {
      value = List.of(value);
    }
    return value;
  }

  private static Map<String, Object> mapInItself(int times) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < times; i++) {
      map.put("m" + i, map);
    }
    return map;
  }

  private static List<Object> failing() {
    return new AbstractList<>() {
      @Override
      public Object get(int index) {
        throw new IllegalStateException("secret");
      }

      @Override
      public int size() {
        return 1;
      }
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileValues")
  void aHostileValueIsABadRecordWhereverItIs(String what, Object value) {
    for (Object record :
        List.of(
            Map.of("good", 1, "amount", value),
            Map.of("good", 1, "amount", Map.of("inner", value)),
            Map.of("good", 1, "amount", List.of(value)))) {
      assertBad(what, record(record), "'amount'");
    }
    if (!(value instanceof Map)) {
      assertBad(what, record(value), "'value'");
    }
    SinkRecord carrier = record("good");
    carrier.headers().add("h", value, null);
    assertBad(what, carrier, "'header.h'");
  }

  @Test
  void aHostileMapKeyIsABadRecord() {
    Map<Object, Object> keys = Map.of(decimal(-2_000_000_000), "secret");

    assertBad("as a name", record(keys), "digits");
    assertBad("inside", record(Map.of("amount", keys)), "'amount'");
    assertBad("large", record(Map.of("x".repeat(33 * MIB), "secret")), "x…'");
  }

  @Test
  void aHostileDefaultIsABadRecord() {
    // given a small record whose schema gives each element a large member
    Schema element =
        SchemaBuilder.struct()
            .field("text", SchemaBuilder.string().defaultValue("secret".repeat(1_000)).build())
            .build();
    Schema schema =
        SchemaBuilder.struct().field("amount", SchemaBuilder.array(element).build()).build();
    Struct value =
        new Struct(schema).put("amount", Collections.nCopies(100_000, new Struct(element)));

    assertBad("defaults", record(schema, value, new ConnectHeaders()), "'amount'");
  }

  @Test
  void fieldsThatAreTooLargeTogetherAreABadRecord() {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < 5; i++) {
      fields.put("f" + i, "7".repeat(8 * MIB));
    }

    assertBad("together", record(fields), "'f3'");
  }

  @Test
  void aValueThatFailsBeforeItsFieldIsKnownIsABadRecord() {
    Map<String, Object> failing =
        new HashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          public java.util.Set<Map.Entry<String, Object>> entrySet() {
            throw new IllegalStateException("secret");
          }
        };

    assertBad("a map that fails", record(failing), "IllegalStateException");
  }

  @Test
  void whatIsJustWithinTheLimitsIsAnEntry() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("large", new BigDecimal(BigInteger.ONE, -999));
    value.put("negative", new BigDecimal(BigInteger.ONE.negate(), -999));
    value.put("small", new BigDecimal(BigInteger.ONE, 999));
    value.put("long", new BigDecimal("9".repeat(1_000)));
    value.put("nested", nested(1_000));
    value.put("text", "7".repeat(31 * MIB));

    Map<String, String> fields = encode(value);

    assertThat(fields.get("large")).isEqualTo("1" + "0".repeat(999));
    assertThat(fields.get("negative")).isEqualTo("-1" + "0".repeat(999));
    assertThat(fields.get("small")).isEqualTo("0." + "0".repeat(998) + "1");
    assertThat(fields.get("long")).isEqualTo("9".repeat(1_000));
    assertThat(fields.get("nested"))
        .isEqualTo("[".repeat(1_000) + "\"secret\"" + "]".repeat(1_000));
    assertThat(fields.get("text")).hasSize(31 * MIB);
    assertBad("a digit more", record(new BigDecimal("9".repeat(1_001))), "1,000 digits");
    assertBad("a digit more", record(new BigDecimal(BigInteger.ONE, 1_000)), "1,000 digits");
    assertBad("a zero more", record(new BigDecimal(BigInteger.ONE, -1_000)), "1,000 digits");
  }

  @Test
  void aSortedMapMayHaveKeysOfAnyKind() {
    assertThat(encode(new TreeMap<>(Map.of(7, "x", 8, "y")))).isEqualTo(Map.of("7", "x", "8", "y"));
  }

  @Test
  void halfASurrogatePairIsNoReasonToRefuseARecord() {
    assertThat(encode(Map.of("top", "a\ud800", "nested", List.of("a\ud800"))))
        .containsEntry("top", "a?")
        .extractingByKey("nested")
        .asString()
        .isEqualToIgnoringCase("[\"a\\ud800\"]");
  }

  @Test
  void aMapsOwnVersionIsKeptEvenIfItHasNoValue() {
    Map<String, @Nullable Object> map = new HashMap<>();
    map.put("n", 1);
    map.put("schema_version", null);
    Schema schema =
        SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.OPTIONAL_INT32_SCHEMA).version(3).build();

    assertThat(text(encoder.encode(record(schema, map, new ConnectHeaders())).orElseThrow()))
        .isEqualTo(Map.of("n", "1"));
    assertThat(
            text(
                encoder.encode(record(schema, Map.of("n", 1), new ConnectHeaders())).orElseThrow()))
        .isEqualTo(Map.of("n", "1", "schema_version", "3"));
  }

  /** Asserts a DataException with that message, in time, without any part of the value. */
  private void assertBad(String what, SinkRecord record, String named) {
    Throwable thrown =
        assertTimeoutPreemptively(SOON, () -> catchThrowable(() -> encoder.encode(record)));

    assertThat(thrown).as(what).isInstanceOf(DataException.class).hasMessageContaining(named);
    assertThat(String.valueOf(thrown.getMessage())).as(what).hasSizeLessThan(500);
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      assertThat(String.valueOf(cause.getMessage()))
          .as(what)
          .doesNotContain("secret")
          .doesNotContain("777");
    }
  }

  private Map<String, String> encode(Object value) {
    return text(encoder.encode(record(value)).orElseThrow());
  }

  private static Map<String, String> text(PackedWords packed) {
    List<byte[]> flat = packed.toList();
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      fields.put(
          new String(flat.get(i), StandardCharsets.UTF_8),
          new String(flat.get(i + 1), StandardCharsets.UTF_8));
    }
    return fields;
  }

  private static SinkRecord record(Object value) {
    return record(null, value, new ConnectHeaders());
  }

  private static SinkRecord record(@Nullable Schema schema, Object value, ConnectHeaders headers) {
    return new SinkRecord("t", 0, null, null, schema, value, 0, null, null, headers);
  }
}
