/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any entry becomes an event or a bad entry, and in reasonable time. */
class HostileEntriesTest {
  private static final EntryId ID = EntryId.parse("7-0");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int HUGE = 1_000_000;

  private static final String SCHEMA =
      """
      {"type": "record", "name": "All", "fields": [
        {"name": "key", "type": "string"},
        {"name": "bool", "type": ["null", "boolean"], "default": null},
        {"name": "int8", "type": ["null", {"type": "int", "connect.type": "int8"}], "default": null},
        {"name": "int", "type": ["null", "int"], "default": null},
        {"name": "long", "type": ["null", "long"], "default": null},
        {"name": "float", "type": ["null", "float"], "default": null},
        {"name": "double", "type": ["null", "double"], "default": null},
        {"name": "decimal", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}], "default": null},
        {"name": "date", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null},
        {"name": "time", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null},
        {"name": "uuid", "type": ["null", {"type": "string", "logicalType": "uuid"}], "default": null},
        {"name": "enum", "type": ["null", {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "A"}], "default": null},
        {"name": "bytes", "type": ["null", "bytes"], "default": null},
        {"name": "fixed", "type": ["null", {"type": "fixed", "name": "F", "size": 4}], "default": null},
        {"name": "array", "type": ["null", {"type": "array", "items": ["null", "double"]}], "default": null},
        {"name": "map", "type": ["null", {"type": "map", "values": "string"}], "default": null},
        {"name": "record", "type": ["null", {"type": "record", "name": "R", "fields": [
          {"name": "n", "type": ["null", "int"], "default": null},
          {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}], "default": null},
          {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null},
          {"name": "raw", "type": ["null", "bytes"], "default": null},
          {"name": "in", "type": ["null", {"type": "array", "items": {"type": "map", "values": "int"}}], "default": null}]}], "default": null},
        {"name": "attributes", "type": {"type": "map", "values": "string"}, "default": {}}
      ]}
      """;
  private static final List<String> FIELDS =
      List.of(
          "key",
          "version",
          "bool",
          "int8",
          "int",
          "long",
          "float",
          "double",
          "decimal",
          "date",
          "time",
          "at",
          "uuid",
          "enum",
          "bytes",
          "fixed",
          "array",
          "map",
          "record",
          "attributes",
          "other");

  /** Fragments that have caused trouble in parsers. */
  private static final List<String> PIECES =
      List.of(
          "0",
          "1",
          "9",
          "-",
          "+",
          ".",
          "e",
          "E",
          "1e",
          "e400000000",
          "1e400000000",
          "e-2147483648",
          "99999999999999999999",
          "NaN",
          "Infinity",
          "0x",
          "f",
          "L",
          "_",
          ",",
          " ",
          "\t",
          "\n",
          "\u0000",
          "\uFEFF",
          "\u0663",
          "\uFF13",
          "\uD83D\uDE00",
          "\uFFFD",
          "{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          "{\"n\":",
          "{\"price\":",
          "{\"in\":[{\"a\":",
          "\"\\ud800\"",
          "null",
          "true",
          "//",
          "T",
          "Z",
          "+18:00",
          "2024-08-20",
          "T10:30:00",
          "23:59:60",
          "[Europe/Zurich]",
          "+999999999-12-31",
          "00112233-4455-6677-8899-aabbccddeeff",
          "A",
          "=",
          "/w==");

  @TempDir private Path folder;
  private EventDecoder decoder;

  @BeforeEach
  void makeDecoder() throws IOException {
    Files.writeString(folder.resolve("v1.avsc"), SCHEMA);
    decoder =
        new EventDecoder(
            EventSchemas.load(folder.toString()),
            new EventFields("key", "at", "kind", "version"),
            VersionPolicy.LATEST,
            UnknownFields.ATTRIBUTES);
  }

  @Test
  void anythingIsAnEventOrABadEntryThatQuotesNoValue() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("HostileEntriesTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);

    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          for (int i = 0; i < 50_000; i++) {
            // when
            String field = FIELDS.get(random.nextInt(FIELDS.size()));
            String marker = "s3cret" + i;
            byte[] value = utf8(random.nextInt(4) == 0 ? text(random) + marker : text(random));
            if (random.nextInt(8) == 0) {
              value[random.nextInt(value.length)] = (byte) random.nextInt(256);
            }
            Throwable bad = catchThrowable(() -> decoder.decode("s", entry(field, value)));

            // then
            if (bad != null) {
              assertThat(bad)
                  .as("field %s with %s", field, new String(value, StandardCharsets.UTF_8))
                  .isExactlyInstanceOf(BadEntryException.class)
                  .hasMessageStartingWith("entry 7-0 of stream 's': field '" + field + "' ");
              assertThat(bad.getMessage()).doesNotContain("s3cret").hasSizeLessThan(400);
              assertThat(bad.getCause()).as("a parser's exception quotes the value").isNull();
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bool", "int8", "int", "long", "float", "double", "decimal", "date", "time", "at", "uuid",
        "enum", "fixed", "array", "map", "record", "version"
      })
  void hugeValuesAreRefusedSoon(String field) {
    for (String piece : List.of("9", "0", "{", "[", "[{\"in\":", "\"", " ", "1.", "e", "\u0663")) {
      byte[] value = utf8(piece.repeat(HUGE / piece.length()));

      Throwable bad =
          assertTimeoutPreemptively(
              SOON, () -> catchThrowable(() -> decoder.decode("s", entry(field, value))));

      assertThat(bad).as(piece).isExactlyInstanceOf(BadEntryException.class);
      assertThat(bad.getMessage()).contains("'" + field + "'").hasSizeLessThan(400);
    }
  }

  @Test
  void deepJsonIsRefusedWithoutExhaustingTheStack() {
    for (int depth : List.of(1_001, 100_000)) {
      String deep = "[".repeat(depth) + "]".repeat(depth);

      for (String field : List.of("array", "record", "map")) {
        assertThat(catchThrowable(() -> decoder.decode("s", entry(field, utf8(deep)))))
            .isExactlyInstanceOf(BadEntryException.class)
            .hasMessageContaining("'" + field + "' is JSON that is nested too deeply");
      }
    }
  }

  @Test
  void aHugeOrMultilineNameDoesNotFillTheMessage() {
    String name = "line\nforged" + "x".repeat(HUGE);

    Throwable bad =
        catchThrowable(() -> decoder.decode("s", entry(name, new byte[] {(byte) 0xff})));

    assertThat(bad).isExactlyInstanceOf(BadEntryException.class);
    assertThat(bad.getMessage()).hasSizeLessThan(250).contains("'line?forgedxxx").endsWith("UTF-8");
  }

  @Test
  void aGenericEntryKeepsEveryByteOfEveryField() throws BadEntryException {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("HostileEntriesTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    GenericDecoder generic = new GenericDecoder(new EventFields("key", "at", "kind", "version"));

    for (int i = 0; i < 5_000; i++) {
      // when
      Map<String, byte[]> given = new LinkedHashMap<>();
      for (int n = random.nextInt(6); n >= 0; n--) {
        byte[] value = random.nextBoolean() ? utf8(text(random)) : new byte[random.nextInt(40)];
        if (random.nextBoolean()) {
          random.nextBytes(value);
        }
        given.put(n == 0 ? "at" : "f" + n + text(random), value);
      }
      List<byte[]> fields = new ArrayList<>();
      given.forEach((name, value) -> fields.addAll(List.of(utf8(name), value)));
      Struct event = generic.decode("s", new StreamEntry(ID, fields)).value();

      // then
      Map<String, String> kept = new HashMap<>();
      event
          .<String, String>getMap("fields")
          .forEach((name, text) -> kept.put(name, HexFormat.of().formatHex(utf8(text))));
      event
          .<String, byte[]>getMap("binary_fields")
          .forEach((name, bytes) -> kept.put(name, HexFormat.of().formatHex(bytes)));
      Map<String, String> all = new HashMap<>();
      given.forEach((name, value) -> all.put(name, HexFormat.of().formatHex(value)));
      assertThat(kept).isEqualTo(all);
      assertThat(event.getMap("fields").size() + event.getMap("binary_fields").size())
          .isEqualTo(given.size());
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder(PIECES.get(random.nextInt(PIECES.size())));
    for (int pieces = random.nextInt(6); pieces > 0; pieces--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static StreamEntry entry(String field, byte[] value) {
    List<byte[]> fields = new ArrayList<>();
    if (!field.equals("key")) {
      fields.add(utf8("key"));
      fields.add(utf8("k"));
    }
    fields.add(utf8(field));
    fields.add(value);
    return new StreamEntry(ID, fields);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
