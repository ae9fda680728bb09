/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accepted values of each schema type, and messages for the others. */
class FieldParserTest {
  private static final EntryId ID = EntryId.parse("7-0");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("boolean", "\"boolean\""),
          Map.entry("int8", "{\"type\": \"int\", \"connect.type\": \"int8\"}"),
          Map.entry("int16", "{\"type\": \"int\", \"connect.type\": \"int16\"}"),
          Map.entry("int", "\"int\""),
          Map.entry("long", "\"long\""),
          Map.entry("float", "\"float\""),
          Map.entry("double", "\"double\""),
          Map.entry("string", "\"string\""),
          Map.entry("bytes", "\"bytes\""),
          Map.entry("fixed", "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 3}"),
          Map.entry(
              "enum", "{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"OPEN\", \"PAID\"]}"),
          Map.entry("uuid", "{\"type\": \"string\", \"logicalType\": \"uuid\"}"),
          Map.entry(
              "decimal",
              "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 5, \"scale\":"
                  + " 2}"),
          Map.entry("date", "{\"type\": \"int\", \"logicalType\": \"date\"}"),
          Map.entry("time", "{\"type\": \"int\", \"logicalType\": \"time-millis\"}"),
          Map.entry("timestamp", "{\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}"),
          Map.entry("array", "{\"type\": \"array\", \"items\": \"int\"}"),
          Map.entry("map", "{\"type\": \"map\", \"values\": \"boolean\"}"),
          Map.entry(
              "record",
              """
              {"type": "record", "name": "In", "fields": [
                {"name": "n", "type": "int"},
                {"name": "d", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null},
                {"name": "b", "type": "bytes", "default": ""},
                {"name": "s", "type": ["null", "string"], "default": null},
                {"name": "l", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [
                  {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}}]}},
                  "default": []},
                {"name": "m", "type": {"type": "map", "values": "int"}, "default": {}}]}
              """));

  @TempDir private Path folder;

  private Object read(String type, byte[] value) throws IOException, BadEntryException {
    Files.writeString(
        folder.resolve("v1.avsc"),
        "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"x\", \"type\": "
            + TYPES.get(type)
            + "}]}");
    EventDecoder decoder =
        new EventDecoder(
            EventSchemas.load(folder.toString()),
            new EventFields("key", "at", "kind", "version"),
            VersionPolicy.LATEST,
            UnknownFields.IGNORE);
    List<byte[]> fields = List.of(utf8("key"), utf8("k"), utf8("x"), value);
    return Objects.requireNonNull(
        decoder.decode("s", new StreamEntry(ID, fields)).value().get("x"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boolean | true | true",
        "boolean | 1 | true",
        "boolean | false | false",
        "boolean | 0 | false",
        "int8 | -128 | -128",
        "int16 | 32767 | 32767",
        "int | -2147483648 | -2147483648",
        "int | +7 | 7",
        "int | 007 | 7",
        "long | 9223372036854775807 | 9223372036854775807",
        "float | 1.5 | 1.5",
        "float | -3 | -3.0",
        "double | 1e-3 | 0.001",
        "double | .5 | 0.5",
        "double | 5. | 5.0",
        "double | -0 | -0.0",
        "double | 0e-999999999 | 0.0",
        "double | 4.9e-324 | 4.9E-324",
        "double | 1.7976931348623157E308 | 1.7976931348623157E308",
        "string | ' a ' | ' a '",
        "string | '' | ''",
        "string | Zürich ☂ | Zürich ☂",
        "enum | PAID | PAID",
        "uuid | 00112233-4455-6677-8899-AAbbccddeeff | 00112233-4455-6677-8899-AAbbccddeeff",
        "decimal | 999.99 | 999.99",
        "decimal | -1 | -1.00",
        "decimal | 1.2000 | 1.20",
        "decimal | 1e2 | 100.00",
        "decimal | -0 | 0.00",
        "decimal | .5 | 0.50",
        "array | [] | []",
        "array | ' [1, 2] ' | [1, 2]",
        "map | {\"a\": true, \"b\": 0} | {a=true, b=false}",
        "map | {} | {}",
      })
  void takesWhatIsOfItsType(String type, String text, String value)
      throws IOException, BadEntryException {
    assertThat(read(type, utf8(text))).hasToString(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "date | 1970-01-02 | 86400000",
        "date | 1969-12-31 | -86400000",
        "date | 2024-02-29 | 1709164800000",
        "time | 10:30 | 37800000",
        "time | 23:59:59.999 | 86399999",
        "time | 00:00:00.0019 | 1",
        "date | 0000-01-01 | -62167219200000",
        "date | +10000-01-01 | 253402300800000",
        "timestamp | 2024-08-20T10:30:00Z | 1724149800000",
        "timestamp | 2024-08-20T16:00:00+05:30 | 1724149800000",
        "timestamp | 2024-08-19T23:30:00.250-11:00 | 1724149800250",
        "timestamp | 2024-08-20T12:30+02:00[Europe/Zurich] | 1724149800000",
        "timestamp | 2024-08-20T12:30+02:00[America/Lima] | 1724149800000",
        "timestamp | 2024-08-20T10:30:00.123456789-00:00 | 1724149800123",
        "timestamp | 2024-08-21T04:29:59+17:59:59 | 1724149800000",
        "timestamp | 0000-01-01T00:00:00Z | -62167219200000",
        "timestamp | +10000-01-01T00:00:00Z | 253402300800000",
        "timestamp | 999999999999999999 | 999999999999",
        "timestamp | 1724149800250 | 1724149800250",
        "timestamp | -1 | -1000",
        "timestamp | 0 | 0",
      })
  void takesDatesAndTimes(String type, String text, long millis)
      throws IOException, BadEntryException {
    assertThat(read(type, utf8(text))).isEqualTo(new Date(millis));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boolean | yes | is neither true nor false",
        "boolean | TRUE | is neither true nor false",
        "boolean | '' | is neither true nor false",
        "int8 | 128 | is out of the range of type int8",
        "int16 | -32769 | is out of the range of type int16",
        "int | 2147483648 | is out of the range of type int32",
        "int | 1.0 | is not a number of type int32",
        "int | 1e3 | is not a number of type int32",
        "int | '' | is not a number of type int32",
        "int | ' 1' | is not a number of type int32",
        "int | 1_000 | is not a number of type int32",
        "int | ٣ | is not a number of type int32",
        "long | 9223372036854775808 | is out of the range of type int64",
        "long | 0x10 | is not a number of type int64",
        "float | 1e39 | is out of the range of type float32",
        "float | 1e-46 | is out of the range of type float32",
        "float | 1.5f | is not a number of type float32",
        "float | ' 1.5' | is not a number of type float32",
        "double | 1e309 | is out of the range of type float64",
        "double | -1e999999999 | is out of the range of type float64",
        "double | 1e-400 | is out of the range of type float64",
        "double | 1e9999999999 | is not a number of type float64",
        "double | ٣.٥ | is not a number of type float64",
        "double | NaN | is not a number of type float64",
        "double | -Infinity | is not a number of type float64",
        "double | 0x1p3 | is not a number of type float64",
        "double | '1,5' | is not a number of type float64",
        "double | . | is not a number of type float64",
        "fixed | abcd | has 4 bytes instead of 3",
        "enum | open | is not one of [OPEN, PAID]",
        "enum | '' | is not one of [OPEN, PAID]",
        "uuid | 00112233445566778899aabbccddeeff | is not a UUID",
        "uuid | 0-0-0-0-0 | is not a UUID",
        "uuid | 00112233-4455-6677-8899-aabbccddeefg | is not a UUID",
        "decimal | 1000.00 | has more than 5 digits",
        "decimal | 0.001 | has more than 2 decimals",
        "decimal | one | is not a number",
        "decimal | 1e999999999 | is not a number with a reasonable exponent",
        "decimal | 1e400000000 | is not a number with a reasonable exponent",
        "decimal | 0e400000000 | is not a number with a reasonable exponent",
        "decimal | 1e-2147483647 | is not a number with a reasonable exponent",
        "decimal | 1e2147483648 | is not a number with a reasonable exponent",
        "decimal | 1e-2147483648 | is not a number with a reasonable exponent",
        "decimal | 1e99999999999999 | is not a number with a reasonable exponent",
        "decimal | 1e+-5 | is not a number",
        "decimal | . | is not a number",
        "decimal | ٣ | is not a number",
        "decimal | ３ | is not a number",
        "decimal | ' 1' | is not a number",
        "decimal | 1'000 | is not a number",
        "decimal | --1 | is not a number",
        "decimal | Infinity | is not a number",
        "date | 2024-02-30 | is not a date: expected ISO-8601, such as 2024-08-20",
        "date | 20.08.2024 | is not a date: expected ISO-8601, such as 2024-08-20",
        "date | 2024-08-20T10:30:00Z | is not a date: expected ISO-8601, such as 2024-08-20",
        "date | +999999999-12-31 | is not a date: expected ISO-8601, such as 2024-08-20",
        "date | '' | is not a date: expected ISO-8601, such as 2024-08-20",
        "date | ٢٠٢٤-08-20 | is not a date: expected ISO-8601, such as 2024-08-20",
        "time | 24:01 | is not a time of day: expected ISO-8601, such as 10:30:00",
        "time | 10:30:00Z | is not a time of day: expected ISO-8601, such as 10:30:00",
        "timestamp | 2024-08-20T10:30:00 | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "timestamp | 2024-08-20 | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "timestamp | 2016-12-31T23:59:60Z | is not a time: expected ISO-8601 with an offset, such"
            + " as 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds"
            + " since 1970",
        "timestamp | 2024-08-20T24:00:00Z | is not a time: expected ISO-8601 with an offset, such"
            + " as 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds"
            + " since 1970",
        "timestamp | 2024-08-20T10:30:00+19:00 | is not a time: expected ISO-8601 with an offset,"
            + " such as 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds"
            + " since 1970",
        "timestamp | +999999999-12-31T23:59:59Z | is not a time: expected ISO-8601 with an offset,"
            + " such as 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds"
            + " since 1970",
        "timestamp | +1724149800250 | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "timestamp | '' | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "timestamp | ' 1724149800250' | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "timestamp | ١٧٢٤١٤٩٨٠٠٢٥٠ | is not a time: expected ISO-8601 with an offset, such as"
            + " 2024-08-20T10:30:00Z, or seconds, milliseconds, microseconds or nanoseconds since"
            + " 1970",
        "array | 1,2 | is not valid JSON",
        "array | [1] [2] | is not valid JSON",
        "array | {} | is not a JSON array",
        "array | '' | is not a JSON array",
        "array | [1, \"two\"] | at [1] is not a number of type int32",
        "array | [1, null] | at [1] is missing; the event's schema requires it",
        "array | [[1]] | at [0] is a JSON object or array, but the schema has a scalar",
        "array | [1.0] | at [0] is not a number of type int32",
        "array | [1e400000000] | at [0] is not a number of type int32",
        "array | [1e9999999999] | is not valid JSON",
        "array | [NaN] | is not valid JSON",
        "array | [+1] | is not valid JSON",
        "array | [1,] | is not valid JSON",
        "map | [] | is not a JSON object",
        "map | {\"secret\": 2} | at {} is neither true nor false",
        "map | {\"a\": true, \"a\": true} | is not valid JSON",
        "record | {} | at .n is missing; the event's schema requires it",
        "record | {\"n\": 1.5} | at .n is not a number of type int32",
        "record | {\"n\": 1, \"d\": \"soon\"} | at .d is not a date: expected ISO-8601, such as"
            + " 2024-08-20",
        "record | {\"n\": 1, \"b\": \"*\"} | at .b is not base64, which is the encoding of bytes in"
            + " JSON",
        "record | {\"n\": 1, \"b\": \"\\ud800\"} | at .b is not base64, which is the encoding of"
            + " bytes in JSON",
        "record | {\"n\": 1, \"b\": 7} | at .b is not base64, which is the encoding of bytes in"
            + " JSON",
        "record | {\"n\": 1, \"l\": [{\"price\": 1}, {\"price\": 0.001}]} | at .l[1].price has more"
            + " than 2 decimals",
        "record | {\"n\": 1, \"m\": {\"k\": []}} | at .m{} is a JSON object or array, but the"
            + " schema has a scalar",
        "record | {\"n\": 1, \"m\": {\"\\ud800\": 1}} | is not valid JSON",
        "record | {\"n\": 1, \"m\": {\"a\\udc00b\": 1}} | is not valid JSON",
        "record | {\"n\": 1, \"s\": \"a\\udc00b\"} | at .s contains an unpaired surrogate, which is"
            + " half a character",
        "record | {\"n\": 1, \"s\": 5} | at .s is not a JSON string",
        "record | {\"n\": 1, \"l\": [{\"price\": 1e400000000}]} | at .l[0].price is not a number"
            + " with a reasonable exponent",
        "record | {\"n\": 1} {\"n\": 2} | is not valid JSON",
        "record | {\"n\": 1, \"n\": 1} | is not valid JSON",
        "record | null | is not a JSON object",
        "record | \"{}\" | is not a JSON object",
      })
  void saysWhatIsWrongAndWhereButNeverTheValue(String type, String text, String reason) {
    // when
    Throwable bad = catchThrowable(() -> read(type, utf8(text)));

    // then
    assertThat(bad)
        .isInstanceOf(BadEntryException.class)
        .hasMessage("entry 7-0 of stream 's': field 'x' " + reason);
  }

  @Test
  void bytesAreTakenAsTheyAreAndTextMustBeUtf8() throws IOException, BadEntryException {
    byte[] binary = {(byte) 0xff, 0, (byte) 0x80};

    assertThat(read("bytes", binary)).isEqualTo(binary);
    assertThat(read("fixed", binary)).isEqualTo(binary);
    for (String type : TYPES.keySet()) {
      if (!type.equals("bytes") && !type.equals("fixed")) {
        assertThat(catchThrowable(() -> read(type, binary)))
            .hasMessageEndingWith("field 'x' is not UTF-8");
      }
    }
  }

  @Test
  void aRecordIsReadFromJsonWithItsDefaults() throws IOException, BadEntryException {
    Struct full =
        (Struct)
            read(
                "record",
                utf8(
                    "{\"n\":1,\"d\":\"1970-01-02\",\"b\":\"/w==\",\"l\":[{\"price\":1.5}],\"zz\":0}"));
    Struct sparse = (Struct) read("record", utf8("{\"n\":1}"));

    assertThat(full.get("d")).isEqualTo(new Date(86_400_000));
    assertThat(full.getBytes("b")).isEqualTo(new byte[] {(byte) 0xff});
    assertThat(full.<Struct>getArray("l").get(0).get("price")).isEqualTo(new BigDecimal("1.50"));
    assertThat(sparse.get("d")).isNull();
    assertThat(sparse.getBytes("b")).isEmpty();
    assertThat(sparse.getArray("l")).isEmpty();
    assertThat(sparse.getMap("m")).isEmpty();
  }
}
