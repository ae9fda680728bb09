/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTemplateTest {
  private static final Schema SCHEMA =
      SchemaBuilder.struct()
          .field("region", Schema.STRING_SCHEMA)
          .field("number", Schema.INT32_SCHEMA)
          .field("optional", Schema.OPTIONAL_STRING_SCHEMA)
          .field("list", SchemaBuilder.array(Schema.STRING_SCHEMA).build())
          .build();

  @Test
  void takesTheRecordsKey() {
    // given
    KeyTemplate template = new KeyTemplate("claim:${key}:state");

    // when, then
    assertThat(template.of(record("CLM-1", null))).isEqualTo("claim:CLM-1:state");
    assertThat(template.of(record(17L, null))).isEqualTo("claim:17:state");
  }

  @Test
  void takesTextAsItIs() {
    // given what a replacement could take for something else
    KeyTemplate template = new KeyTemplate("claim:${key}");

    // when, then
    assertThat(template.of(record("$1\\${key}", null))).isEqualTo("claim:$1\\${key}");
  }

  @Test
  void takesFieldsOfAStructOrAMap() {
    // given
    KeyTemplate template = new KeyTemplate("${field:region}:${field:number}");
    Struct struct =
        new Struct(SCHEMA).put("region", "eu").put("number", 7).put("list", List.of("a"));

    // when, then
    assertThat(template.of(record("k", struct))).isEqualTo("eu:7");
    assertThat(template.of(record("k", Map.of("region", "eu", "number", 7)))).isEqualTo("eu:7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"optional", "list", "none"})
  void aFieldThatCannotNameAKeyMakesABadRecord(String field) {
    // given
    KeyTemplate template = new KeyTemplate("claim:${field:" + field + "}");
    Struct struct =
        new Struct(SCHEMA).put("region", "eu").put("number", 7).put("list", List.of("a"));

    // when, then
    assertThatThrownBy(() -> template.of(record("k", struct)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("field '" + field + "'")
        .hasMessageContaining("redis.key");
  }

  @Test
  void aRecordWithoutAKeyIsBad() {
    // given
    KeyTemplate template = new KeyTemplate("claim:${key}");

    // when, then
    assertThatThrownBy(() -> template.of(record(null, "value")))
        .isInstanceOf(DataException.class)
        .hasMessage("has no key, which redis.key needs");
    assertThatThrownBy(() -> template.of(record("", "value"))).hasMessageContaining("empty key");
    assertThatThrownBy(() -> template.of(record(Map.of("id", 1), "value")))
        .hasMessageContaining("neither text nor a number");
  }

  @Test
  void onlyTheRecordsKeyCanDelete() {
    // given
    KeyTemplate template = new KeyTemplate("claim:${field:id}");

    // when, then
    assertThatThrownBy(() -> template.of(record("k", null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("only ${key} can delete keys");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "claims", "claim:${topic}", "claim:$key", "claim:${field:}"})
  void rejectsOtherTexts(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyTemplate(text));
  }

  @Test
  void knowsWhetherAllKeysShareASlot() {
    assertThat(new KeyTemplate("{claims}:claim:${key}").hasConstantTag()).isTrue();
    assertThat(new KeyTemplate("my{claims}${key}").hasConstantTag()).isTrue();
    assertThat(new KeyTemplate("claim:${key}").hasConstantTag()).isFalse();
    assertThat(new KeyTemplate("claim:{${key}}").hasConstantTag()).isFalse();
    // the key may bring a hash tag of its own
    assertThat(new KeyTemplate("${key}:{claims}").hasConstantTag()).isFalse();
    assertThat(new KeyTemplate("{}${key}").hasConstantTag()).isFalse();
  }

  @Test
  void storesOffsetsBesideTheConstantPart() {
    // given
    KeyTemplate template = new KeyTemplate("{claims}:claim:${key}");

    // when, then
    assertThat(template.anchor(template.of("any topic"))).isEqualTo("{claims}:claim:");
    assertThat(template.with("0")).isEqualTo("{claims}:claim:0");
  }

  private static SinkRecord record(@Nullable Object key, @Nullable Object value) {
    return new SinkRecord("claims", 0, null, key, null, value, 0);
  }
}
