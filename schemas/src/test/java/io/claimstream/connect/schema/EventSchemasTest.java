/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventSchemasTest {
  private static final String V1 =
      """
      {"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "PAID"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "address", "type": ["null", {"type": "record", "name": "Address", "fields": [
          {"name": "city", "type": "string"}]}], "default": null}
      ]}
      """;
  private static final String V2 =
      V1.replace(
          "{\"name\": \"order_id\", \"type\": \"string\"}",
          "{\"name\": \"id\", \"aliases\": [\"order_id\"], \"type\": \"string\"},"
              + "{\"name\": \"currency\", \"type\": \"string\", \"default\": \"EUR\"}");

  @TempDir private Path folder;

  private EventSchemas load(String... versions) throws IOException {
    for (int i = 0; i < versions.length; i++) {
      Files.writeString(folder.resolve("v" + (i + 1) + ".avsc"), versions[i]);
    }
    return EventSchemas.load(folder.toString());
  }

  @Test
  void anOldEventIsUpgradedByAliasesAndDefaults() throws IOException {
    // given
    EventSchemas schemas = load(V1, V2);
    EventSchema v1 = schemas.version(1).orElseThrow();
    Schema address = v1.connect().field("address").schema();
    Struct old =
        new Struct(v1.connect())
            .put("order_id", "o-1")
            .put("total", new BigDecimal("-12.50"))
            .put("placed", new Date(1_724_149_800_000L))
            .put("day", new Date(86_400_000L * 19_955))
            .put("state", "PAID")
            .put("tags", List.of("a", "b"))
            .put("address", new Struct(address).put("city", "Bern"));

    // when
    Struct upgraded = schemas.upgrade(v1, old);

    // then
    assertThat(upgraded.schema().version()).isEqualTo(2);
    assertThat(upgraded.getString("id")).isEqualTo("o-1");
    assertThat(upgraded.getString("currency")).isEqualTo("EUR");
    assertThat(upgraded.get("total")).isEqualTo(new BigDecimal("-12.50"));
    assertThat(upgraded.get("placed")).isEqualTo(old.get("placed"));
    assertThat(upgraded.get("day")).isEqualTo(old.get("day"));
    assertThat(upgraded.getString("state")).isEqualTo("PAID");
    assertThat(upgraded.getArray("tags")).isEqualTo(List.of("a", "b"));
    assertThat(upgraded.getStruct("address").getString("city")).isEqualTo("Bern");
  }

  @Test
  void addedFieldsAreHandedOverAsAvroWouldReadThem() throws IOException {
    // given
    String added =
        V1.replace(
            "{\"name\": \"order_id\", \"type\": \"string\"}",
            "{\"name\": \"currency\", \"type\": \"string\", \"default\": \"EUR\"},"
                + "{\"name\": \"order_id\", \"type\": \"string\"},"
                + "{\"name\": \"note\", \"type\": [\"null\", \"string\"], \"default\": null}");
    EventSchemas schemas = load(V1, added);
    EventSchema v1 = schemas.version(1).orElseThrow();
    Schema address = v1.connect().field("address").schema();
    Struct old =
        new Struct(v1.connect())
            .put("order_id", "o-1")
            .put("total", new BigDecimal("7.00"))
            .put("placed", new Date(1))
            .put("day", new Date(0))
            .put("state", "OPEN")
            .put("tags", List.of("a"))
            .put("address", new Struct(address).put("city", "Bern"));

    // when
    Struct upgraded = schemas.upgrade(v1, old);

    // then
    assertThat(SchemaUpgrade.between(v1, schemas.latest()).isDirect()).isTrue();
    assertThat(SchemaUpgrade.between(v1, load(V1, V2).latest()).isDirect()).isFalse();
    assertThat(upgraded).isEqualTo(AvroResolution.upgrade(v1, schemas.latest(), old));
    assertThat(upgraded.getString("currency")).isEqualTo("EUR");
    assertThat(upgraded.get("note")).isNull();
  }

  @Test
  void aVersionThatReadsItsPredecessorButNotAnOlderOneIsRefused() {
    // given: b loses its default only when all have it
    String first =
        "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"a\", \"type\":"
            + " \"int\"}]}";
    String second =
        first.replace("}]}", "}, {\"name\": \"b\", \"type\": \"int\", \"default\": 0}]}");
    String third = second.replace(", \"default\": 0", "");

    assertThatThrownBy(() -> load(first, second, third))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("v3.avsc cannot read data written with v1.avsc");
  }

  @Test
  void anEventOfTheLatestVersionStaysAsItIs() throws IOException {
    EventSchemas schemas = load(V1, V2);
    Struct event = new Struct(schemas.latest().connect());

    assertThat(schemas.upgrade(schemas.latest(), event)).isSameAs(event);
  }

  @Test
  void anEnumKeepsItsSymbols() throws IOException {
    Schema state = load(V1).latest().connect().field("state").schema();

    assertThat(AvroParameters.symbols(state)).containsExactly("OPEN", "PAID");
    assertThat(AvroParameters.symbols(Schema.STRING_SCHEMA)).isEmpty();
  }

  @Test
  void aVersionThatCannotReadItsPredecessorIsRefusedByName() {
    String incompatible = V1.replace("\"order_id\"", "\"other\"");

    assertThatThrownBy(() -> load(V1, incompatible))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("v2.avsc cannot read data written with v1.avsc")
        .hasMessageContaining("other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'bytes','logicalType':'decimal','precision':18,'scale':2} |"
            + " {'type':'bytes','logicalType':'decimal','precision':18,'scale':4}",
        "{'type':'bytes','logicalType':'decimal','precision':18,'scale':2} |"
            + " {'type':'bytes','logicalType':'decimal','precision':9,'scale':2}",
        "{'type':'bytes','logicalType':'decimal','precision':18,'scale':2} | 'bytes'",
        "'bytes' | {'type':'bytes','logicalType':'decimal','precision':18,'scale':2}",
        "'bytes' | 'string'",
        "{'type':'int','logicalType':'date'} | 'int'",
        "{'type':'int','logicalType':'date'} | {'type':'long','logicalType':'timestamp-millis'}",
        "{'type':'int','logicalType':'time-millis'} | {'type':'int','logicalType':'date'}",
        "'long' | {'type':'long','logicalType':'timestamp-millis'}",
        "'string' | {'type':'string','logicalType':'uuid'}",
        "'int' | {'type':'int','connect.type':'int16'}",
        "{'type':'int','connect.type':'int16'} | {'type':'int','connect.type':'int8'}",
        "['null',{'type':'int','logicalType':'date'}] | ['null','long']",
      })
  void aVersionThatGivesFormerValuesAnotherMeaningIsRefusedByField(String former, String type) {
    String nested =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "a", "type": {"type": "array", "items": {"type": "record", "name": "In", "fields": [
            {"name": "m", "type": {"type": "map", "values": TYPE}}]}}}]}
        """;
    String renamed = nested.replace("\"m\",", "\"n\", \"aliases\": [\"m\"],");

    for (String second : List.of(nested, renamed)) {
      assertThatThrownBy(
              () ->
                  load(
                      nested.replace("TYPE", former.replace('\'', '"')),
                      second.replace("TYPE", type.replace('\'', '"'))))
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining(
              "v2.avsc: field 'a[]." + (second.equals(nested) ? "m" : "n") + "{}'")
          .hasMessageContaining("would change the meaning of values of v1.avsc");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'bytes','logicalType':'decimal','precision':9,'scale':2} |"
            + " ['null',{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}] | 12.50",
        "'int' | 'long' | 7",
        "'long' | 'double' | 7.0",
        "{'type':'int','connect.type':'int8'} | {'type':'int','connect.type':'int16'} | 7",
        "{'type':'int','connect.type':'int16'} | 'long' | 7",
        "{'type':'string','logicalType':'uuid'} | 'string' | 00112233-4455-6677-8899-aabbccddeeff",
      })
  void aWiderTypeReadsFormerValuesAsTheyWere(String former, String type, String value)
      throws IOException {
    // given
    String schema =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":TYPE}]}";
    EventSchemas schemas =
        load(
            schema.replace("TYPE", former.replace('\'', '"')),
            schema.replace("TYPE", type.replace('\'', '"')));
    EventSchema v1 = schemas.version(1).orElseThrow();
    Object written =
        switch (v1.connect().field("x").schema().type()) {
          case BYTES -> new BigDecimal(value);
          case STRING -> value;
          case INT8 -> (byte) 7;
          case INT16 -> (short) 7;
          case INT32 -> 7;
          default -> 7L;
        };

    // when
    Struct upgraded = schemas.upgrade(v1, new Struct(v1.connect()).put("x", written));

    // then
    assertThat(upgraded.get("x")).hasToString(value);
  }

  @Test
  void aVersionAfterAGapIsRefusedInsteadOfPassedOver() throws IOException {
    Files.writeString(folder.resolve("v3.avsc"), V1);
    Files.writeString(folder.resolve("notes.avsc"), "none of ours");

    assertThatThrownBy(() -> load(V1))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("there is v3.avsc but no v2.avsc in " + folder);
  }

  @Test
  void anEmptyFolderAndABrokenFileAreRefusedByName() {
    assertThatThrownBy(() -> load()).hasMessageContaining("no v1.avsc in " + folder);
    assertThatThrownBy(() -> load("{")).hasMessageContaining("v1.avsc is not an Avro schema");
    assertThatThrownBy(() -> EventSchemas.load("classpath:nowhere"))
        .hasMessageContaining("no v1.avsc in classpath:nowhere");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"string\", \"int\"] | is a union",
        "[\"null\", \"string\", \"int\"] | is a union",
        "[\"null\"] | is a union",
        "\"null\" | has the type NULL",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"} | timestamp-micros on LONG",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-nanos\"} | timestamp-nanos on LONG",
        "{\"type\": \"long\", \"logicalType\": \"time-micros\"} | time-micros on LONG",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-millis\"} |"
            + " local-timestamp-millis",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-micros\"} |"
            + " local-timestamp-micros",
        "{\"type\": \"long\", \"logicalType\": \"local-timestamp-nanos\"} | local-timestamp-nanos",
        "{\"type\": \"bytes\", \"logicalType\": \"decimal\"} | decimal on BYTES",
        "{\"type\": \"bytes\", \"logicalType\": \"big-decimal\"} | big-decimal on BYTES",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-milis\"} | timestamp-milis on LONG",
        "{\"type\": \"int\", \"logicalType\": \"timestamp-millis\"} | timestamp-millis on INT",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 8, \"logicalType\": \"decimal\","
            + " \"precision\": 9} | decimal on FIXED",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 16, \"logicalType\": \"uuid\"} | uuid on"
            + " FIXED",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 12, \"logicalType\": \"duration\"} |"
            + " duration on FIXED",
        "{\"type\": \"int\", \"connect.type\": \"int64\"} | connect.type int64",
        "[\"null\", \"R\"] | is a R within itself",
      })
  void aTypeThatConnectCannotCarryIsRefusedByField(String type, String reason) {
    String schema =
        "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"odd\", \"type\": "
            + type
            + "}]}";

    assertThatThrownBy(() -> load(schema))
        .hasMessageContaining("v1.avsc: field 'odd'")
        .hasMessageContaining(reason);
  }

  @Test
  void aTypeThatCannotBeCarriedIsRefusedByItsWholePath() {
    String schema =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "a", "type": ["null", {"type": "record", "name": "A", "fields": [
            {"name": "b", "type": {"type": "array", "items": {"type": "record", "name": "B", "fields": [
              {"name": "c", "type": {"type": "map", "values": ["int", "string"]}}]}}}]}]}
        ]}
        """;

    assertThatThrownBy(() -> load(schema))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("v1.avsc: field 'a.b[].c{}' is a union");
  }

  @Test
  void aRecordAsDefaultIsRefused() {
    String schema =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "a", "default": {"b": 1}, "type": {"type": "record", "name": "A", "fields": [
            {"name": "b", "type": "int"}]}}]}
        """;

    assertThatThrownBy(() -> load(schema))
        .hasMessageContaining("field 'a' has a record as its default");
  }

  @Test
  void aDefaultThatANarrowerIntegerCannotHoldIsRefused() {
    String schema =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "a", "type": {"type": "int", "connect.type": "int8"}, "default": 300}]}
        """;

    assertThatThrownBy(() -> load(schema))
        .hasMessageContaining(
            "v1.avsc: field 'a' has a default that its connect.type cannot represent");
  }

  @Test
  void whatConnectHasNoTypeForIsCarriedByNameAndParameters() throws IOException {
    // given
    String schema =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "f", "type": {"type": "fixed", "name": "ns.F", "size": 4}, "default": "abcd"},
          {"name": "e", "type": {"type": "enum", "name": "ns.E", "symbols": ["A"]}, "doc": "of the field"},
          {"name": "u", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "s", "type": {"type": "int", "connect.type": "int16"}, "default": 7},
          {"name": "r", "type": {"type": "record", "name": "In", "doc": "own", "fields": []}},
          {"name": "same", "type": "In", "doc": "of the field"}
        ]}
        """;

    // when
    Schema connect = load(schema).latest().connect();

    // then
    Schema fixed = connect.field("f").schema();
    assertThat(fixed.name()).isEqualTo("ns.F");
    assertThat(AvroParameters.fixedSize(fixed)).hasValue(4);
    assertThat(fixed.defaultValue()).isEqualTo(new byte[] {'a', 'b', 'c', 'd'});
    assertThat(connect.field("e").schema().name()).isEqualTo("ns.E");
    assertThat(connect.field("e").schema().doc()).isEqualTo("of the field");
    assertThat(AvroParameters.isUuid(connect.field("u").schema())).isTrue();
    assertThat(connect.field("s").schema().defaultValue()).isEqualTo((short) 7);
    assertThat(connect.field("r").schema().doc()).isEqualTo("own");
    assertThat(connect.field("same").schema().doc()).isEqualTo("of the field");
  }

  @Test
  void defaultsOfEveryKindReachConnect() throws IOException {
    // given
    String schema =
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "n", "type": "int", "default": 7},
          {"name": "m", "type": {"type": "map", "values": "string"}, "default": {"a": "b"}},
          {"name": "o", "type": ["string", "null"], "default": "x"},
          {"name": "z", "type": ["null", "string"], "default": null}
        ]}
        """;

    // when
    Schema connect = load(schema).latest().connect();

    // then
    assertThat(connect.field("n").schema().defaultValue()).isEqualTo(7);
    assertThat(connect.field("m").schema().defaultValue()).isEqualTo(Map.of("a", "b"));
    assertThat(connect.field("o").schema().defaultValue()).isEqualTo("x");
    assertThat(connect.field("o").schema().isOptional()).isTrue();
    assertThat(connect.field("z").schema().defaultValue()).isNull();
  }
}
