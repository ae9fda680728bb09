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
  void anEventOfTheLatestVersionStaysAsItIs() throws IOException {
    EventSchemas schemas = load(V1, V2);
    Struct event = new Struct(schemas.latest().connect());

    assertThat(schemas.upgrade(schemas.latest(), event)).isSameAs(event);
  }

  @Test
  void anEnumKeepsItsSymbols() throws IOException {
    Schema state = load(V1).latest().connect().field("state").schema();

    assertThat(EnumSymbols.of(state)).containsExactly("OPEN", "PAID");
    assertThat(EnumSymbols.of(Schema.STRING_SCHEMA)).isEmpty();
  }

  @Test
  void aVersionThatCannotReadItsPredecessorIsRefusedByName() {
    String incompatible = V1.replace("\"order_id\"", "\"other\"");

    assertThatThrownBy(() -> load(V1, incompatible))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("v2.avsc cannot read what v1.avsc wrote")
        .hasMessageContaining("other");
  }

  @Test
  void anEmptyFolderAndABrokenFileAreRefusedByName() {
    assertThatThrownBy(() -> load()).hasMessageContaining("no v1.avsc in " + folder);
    assertThatThrownBy(() -> load("{")).hasMessageContaining("v1.avsc is no Avro schema");
    assertThatThrownBy(() -> EventSchemas.load("classpath:nowhere"))
        .hasMessageContaining("no v1.avsc in classpath:nowhere");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"string\", \"int\"] | union",
        "{\"type\": \"long\", \"logicalType\": \"timestamp-micros\"} | timestamp-micros",
        "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 4} | FIXED",
      })
  void aTypeThatConnectCannotCarryIsRefusedByField(String type, String reason) {
    String schema =
        "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"odd\", \"type\": "
            + type
            + "}]}";

    assertThatThrownBy(() -> load(schema))
        .hasMessageContaining("field 'odd'")
        .hasMessageContaining(reason);
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
