/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.apicurio.registry.utils.converter.avro.AvroData;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.schema.SchemaException;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of docs/reference/schemas.md: what we make of Avro's types, and what the Avro
 * converters do.
 */
class AvroConvertersTest {
  private static final String CONFLUENT = "io.confluent.connect.avro.";
  private static final String UUID_MARK = "io.claimstream.logical.type";

  /** Everything that is carried, with and without null and defaults, at the top and nested. */
  private static final String ALL =
      """
      {"type": "record", "name": "All", "namespace": "t", "fields": [
        {"name": "id", "type": "string"},
        {"name": "bool", "type": "boolean"},
        {"name": "i", "type": "int"},
        {"name": "i8", "type": {"type": "int", "connect.type": "int8"}},
        {"name": "i16", "type": {"type": "int", "connect.type": "int16"}},
        {"name": "l", "type": "long"},
        {"name": "f", "type": "float"},
        {"name": "d", "type": "double"},
        {"name": "raw", "type": "bytes"},
        {"name": "fix", "type": {"type": "fixed", "name": "Four", "size": 4}},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["B", "A"]}},
        {"name": "dec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "tod", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "list", "type": {"type": "array", "items": "int"}},
        {"name": "holes", "type": {"type": "array", "items": ["null", "string"]}},
        {"name": "map", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
        {"name": "rec", "type": {"type": "record", "name": "Inner", "fields": [
          {"name": "x", "type": ["null", "string"], "default": null},
          {"name": "y", "type": {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 1}},
          {"name": "k", "type": ["null", {"type": "enum", "name": "Kind", "symbols": ["P", "Q"]}], "default": null}]}},
        {"name": "recs", "type": {"type": "array", "items": "Inner"}},
        {"name": "maybe", "type": ["null", "Inner"], "default": null},
        {"name": "none", "type": ["null", "long"], "default": null},
        {"name": "noneTs", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": null},
        {"name": "oBool", "type": ["null", "boolean"], "default": null},
        {"name": "oInt8", "type": ["null", {"type": "int", "connect.type": "int8"}], "default": null},
        {"name": "oInt", "type": ["null", "int"], "default": null},
        {"name": "oFloat", "type": ["null", "float"], "default": null},
        {"name": "oDouble", "type": ["null", "double"], "default": null},
        {"name": "oText", "type": ["null", "string"], "default": null},
        {"name": "oRaw", "type": ["null", "bytes"], "default": null},
        {"name": "oFix", "type": ["null", "Four"], "default": null},
        {"name": "oEnum", "type": ["null", "E"], "default": null},
        {"name": "oDec", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 4}], "default": null},
        {"name": "oDay", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null},
        {"name": "oTod", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null},
        {"name": "oUuid", "type": ["null", {"type": "string", "logicalType": "uuid"}], "default": null},
        {"name": "oList", "type": ["null", {"type": "array", "items": {"type": "map", "values": ["null", "Inner"]}}], "default": null},
        {"name": "oMap", "type": ["null", {"type": "map", "values": {"type": "long", "logicalType": "timestamp-millis"}}], "default": null},
        {"name": "dInt8", "type": {"type": "int", "connect.type": "int8"}, "default": -7},
        {"name": "dFloat", "type": "float", "default": 0.25},
        {"name": "dRaw", "type": "bytes", "default": "\\u00ff\\u0000"},
        {"name": "dFix", "type": "Four", "default": "abcd"},
        {"name": "dDec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, "default": "\\u00ff"},
        {"name": "dDay", "type": {"type": "int", "logicalType": "date"}, "default": -1},
        {"name": "dTod", "type": {"type": "int", "logicalType": "time-millis"}, "default": 1},
        {"name": "dTs", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 2},
        {"name": "dUuid", "type": {"type": "string", "logicalType": "uuid"}, "default": "00112233-4455-6677-8899-aabbccddeeff"},
        {"name": "dBool", "type": "boolean", "default": true},
        {"name": "dInt", "type": "int", "default": 7},
        {"name": "dLong", "type": "long", "default": 8},
        {"name": "dDouble", "type": "double", "default": 0.5},
        {"name": "dText", "type": "string", "default": "x"},
        {"name": "dEnum", "type": {"type": "enum", "name": "E2", "symbols": ["U", "V"]}, "default": "V"},
        OPTIONAL_WITH_DEFAULT
        {"name": "dList", "type": {"type": "array", "items": "int"}, "default": []},
        {"name": "dMap", "type": {"type": "map", "values": "string"}, "default": {}}
      ]}
      """;

  private static final String OPTIONAL_WITH_DEFAULT =
      "{\"name\": \"dOptional\", \"type\": [\"string\", \"null\"], \"default\": \"y\"},";

  @TempDir private Path folder;

  /** Both converters' own translation, brought under common names. */
  enum Converter {
    CONFLUENT {
      @Override
      Schema toConnect(String avro) {
        return new org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroData(10)
            .toConnectSchema(new org.apache.pulsar.kafka.shade.avro.Schema.Parser().parse(avro));
      }

      @Override
      SchemaAndValue thereAndBack(Schema schema, Object value) {
        var there = new org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroData(10);
        var avro = there.fromConnectSchema(schema);
        return new org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroData(10)
            .toConnectData(avro, there.fromConnectData(schema, value));
      }
    },
    APICURIO {
      @Override
      Schema toConnect(String avro) {
        return new AvroData(10).toConnectSchema(new org.apache.avro.Schema.Parser().parse(avro));
      }

      @Override
      SchemaAndValue thereAndBack(Schema schema, Object value) {
        var there = new AvroData(10);
        var avro = there.fromConnectSchema(schema);
        return new AvroData(10).toConnectData(avro, there.fromConnectData(schema, value));
      }
    };

    abstract Schema toConnect(String avro);

    abstract SchemaAndValue thereAndBack(Schema schema, Object value);
  }

  private EventSchemas load(String avro) throws IOException {
    Files.writeString(folder.resolve("v1.avsc"), avro);
    return EventSchemas.load(folder.toString());
  }

  @ParameterizedTest
  @EnumSource(Converter.class)
  void everyCarriedTypeIsWhatTheConvertersMakeOfIt(Converter converter) throws IOException {
    // given all but a default that the converters forget, which we keep
    String avro = ALL.replace("OPTIONAL_WITH_DEFAULT", "");

    Schema ours = load(avro).latest().connect();
    Schema theirs = converter.toConnect(avro);

    assertSame("All", ours, theirs);
  }

  @ParameterizedTest
  @EnumSource(Converter.class)
  void theReleasedSchemasAreWhatTheConvertersMakeOfThem(Converter converter) {
    for (String subject :
        List.of("claim-event", "claim-analytics", "claim-failure", "claim-snapshot")) {
      for (EventSchema version : EventSchemas.load("classpath:schemas/" + subject).all()) {
        Schema theirs = converter.toConnect(version.avro().toString());
        assertSame(subject + " v" + version.version(), version.connect(), theirs);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Converter.class)
  void anEventOfEveryTypeComesBackThroughTheConverterAsItWas(Converter converter)
      throws IOException, BadEntryException {
    // given
    Struct event = event(load(ALL.replace("OPTIONAL_WITH_DEFAULT", OPTIONAL_WITH_DEFAULT)));

    // when
    SchemaAndValue back = converter.thereAndBack(event.schema(), event);

    // then
    assertThat(back.schema().version()).isEqualTo(1);
    assertSame("All", back.schema(), event.schema());
    assertThat(plain(back.value())).isEqualTo(plain(event));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"} | INT64",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-nanos\"} | INT64",
        "{\"type\": \"long\", \"logicalType\": \"time-micros\"} | INT64",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-millis\"} | INT64",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-micros\"} | INT64",
        "{\"type\": \"bytes\", \"logicalType\": \"big-decimal\"} | BYTES",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 12, \"logicalType\": \"duration\"} | BYTES",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 16, \"logicalType\": \"uuid\"} | BYTES",
      })
  void aRefusedLogicalTypeIsOneWhoseMeaningTheConvertersLose(String type, String bare) {
    for (Converter converter : Converter.values()) {
      Schema theirs = converter.toConnect(record(type)).field("x").schema();
      assertThat(theirs.type()).hasToString(bare);
      assertThat(theirs.name()).isNotEqualTo("org.apache.kafka.connect.data.Timestamp");
      assertThat(String.valueOf(theirs.parameters())).doesNotContain("logical");
    }
    assertThat(catchThrowable(() -> load(record(type)))).isInstanceOf(SchemaException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"null\"",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 8, \"logicalType\": \"decimal\", \"precision\": 9, \"scale\": 2}",
      })
  void aRefusedTypeIsOneThatTheConvertersFailOn(String type) {
    for (Converter converter : Converter.values()) {
      assertThat(catchThrowable(() -> converter.toConnect(record(type)))).isNotNull();
    }
    assertThat(catchThrowable(() -> load(record(type))))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("field 'x'");
  }

  private static String record(String type) {
    return "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"x\", \"type\": "
        + type
        + "}]}";
  }

  private static Struct event(EventSchemas schemas) throws BadEntryException {
    String inner = "{\"x\":\"z\",\"y\":7.5,\"k\":\"Q\"}";
    StreamEntry entry =
        StreamEntry.of(
            EntryId.parse("1-0"),
            ("id,1;bool,true;i,-5;i8,-128;i16,32767;l,9000000000;f,1.5;d,2.25;raw,abc;fix,abcd;e,A;"
                    + "dec,-12.50;day,1969-12-31;tod,23:59:59.999;ts,2024-08-20T12:30:00.250+02:00;"
                    + "uuid,00112233-4455-6677-8899-aabbccddeeff;none,4;dInt,9")
                .split("[,;]"));
    List<byte[]> fields = new java.util.ArrayList<>(entry.fields());
    Map.of(
            "list",
            "[1,2]",
            "holes",
            "[\"a\",null]",
            "map",
            "{\"m\":[0.5]}",
            "rec",
            inner,
            "recs",
            "[" + inner + ",{\"y\":0}]",
            "maybe",
            inner)
        .forEach(
            (name, json) -> {
              fields.add(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
              fields.add(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            });
    return new EventDecoder(
            schemas,
            new EventFields("id", "ts", "kind", "v"),
            VersionPolicy.LATEST,
            UnknownFields.FAIL)
        .decode("s", new StreamEntry(entry.id(), fields))
        .value();
  }

  /** Docs are Connect's own in ours, parameters in theirs; everything else has to be equal. */
  private static void assertSame(String path, Schema ours, Schema theirs) {
    assertThat(ours.type()).as(path).isEqualTo(theirs.type());
    assertThat(ours.name()).as(path).isEqualTo(theirs.name());
    assertThat(ours.isOptional()).as(path).isEqualTo(theirs.isOptional());
    assertThat(plain(ours.defaultValue())).as(path).isEqualTo(plain(theirs.defaultValue()));
    assertThat(parameters(ours)).as(path).isEqualTo(parameters(theirs));
    switch (ours.type()) {
      case STRUCT -> {
        assertThat(ours.fields()).extracting(Field::name).isEqualTo(names(theirs));
        for (Field field : ours.fields()) {
          Schema other = theirs.field(field.name()).schema();
          assertSame(path + '.' + field.name(), field.schema(), other);
        }
      }
      case ARRAY, MAP -> assertSame(path + "[]", ours.valueSchema(), theirs.valueSchema());
      default -> assertThat(ours.type().isPrimitive()).isTrue();
    }
  }

  private static List<String> names(Schema struct) {
    return struct.fields().stream().map(Field::name).toList();
  }

  private static Map<String, String> parameters(Schema schema) {
    Map<String, String> parameters = new TreeMap<>();
    if (schema.parameters() != null) {
      schema.parameters().forEach((k, v) -> parameters.put(k.replace(Stack.CONFLUENT, ""), v));
    }
    parameters
        .keySet()
        .removeIf(
            name ->
                name.startsWith(CONFLUENT + "record.doc")
                    || name.startsWith(CONFLUENT + "field.d")
                    || name.startsWith(CONFLUENT + "enum.d")
                    || name.equals(UUID_MARK));
    return parameters;
  }

  /** A value in which equal bytes are equal. */
  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return HexFormat.of().formatHex(bytes);
    }
    if (value instanceof Struct struct) {
      Map<String, Object> fields = new TreeMap<>();
      for (Field field : struct.schema().fields()) {
        fields.put(field.name(), String.valueOf(plain(struct.get(field))));
      }
      return fields;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(element -> String.valueOf(plain(element))).toList();
    }
    return value;
  }
}
