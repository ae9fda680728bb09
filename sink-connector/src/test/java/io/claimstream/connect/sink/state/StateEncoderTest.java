/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.sink.deliver.FakeRecordScript;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StateEncoderTest {
  private static final Schema CLAIM =
      SchemaBuilder.struct()
          .version(3)
          .field("status", Schema.STRING_SCHEMA)
          .field("adjuster", Schema.OPTIONAL_STRING_SCHEMA)
          .field("events", Schema.INT64_SCHEMA)
          .build();
  private static final Struct OPEN = new Struct(CLAIM).put("status", "open").put("events", 2L);

  @Test
  void aHashReplacesAllThatTheKeyHeld() {
    assertThat(parts(StateType.HASH, OptionalLong.empty(), OPEN))
        .containsExactly(
            "claim:7",
            "DEL",
            "claim:7",
            "HSET",
            "claim:7",
            "status",
            "open",
            "events",
            "2",
            "schema_version",
            "3");
  }

  @Test
  void aJsonStringReplacesAllThatTheKeyHeld() {
    assertThat(parts(StateType.JSON_STRING, OptionalLong.empty(), OPEN))
        .containsExactly("claim:7", "SET", "claim:7", "{\"status\":\"open\",\"events\":2}");
  }

  @Test
  void aJsonDocumentIsSetAtItsRootAndKeepsNoFormerTimeToLive() {
    assertThat(parts(StateType.JSON, OptionalLong.empty(), OPEN))
        .containsExactly(
            "claim:7",
            "JSON.SET",
            "claim:7",
            "$",
            "{\"status\":\"open\",\"events\":2}",
            "PERSIST",
            "claim:7");
  }

  @Test
  void theTimeToLiveBeginsWithEachRecord() {
    assertThat(parts(StateType.HASH, OptionalLong.of(60_000), OPEN))
        .endsWith("PEXPIRE", "claim:7", "60000");
    assertThat(parts(StateType.JSON, OptionalLong.of(60_000), OPEN))
        .endsWith("PEXPIRE", "claim:7", "60000");
    assertThat(parts(StateType.JSON_STRING, OptionalLong.of(60_000), OPEN)).endsWith("PX", "60000");
  }

  @ParameterizedTest
  @EnumSource(StateType.class)
  void aTombstoneDeletes(StateType type) {
    assertThat(parts(type, OptionalLong.of(60_000), null))
        .containsExactly("claim:7", "DEL", "claim:7");
  }

  @ParameterizedTest
  @EnumSource(StateType.class)
  void aValueWithoutATextFormMakesABadRecord(StateType type) {
    assertThatThrownBy(() -> parts(type, OptionalLong.empty(), List.of(new Object())))
        .isInstanceOf(DataException.class);
  }

  @Test
  void aHashNeedsAField() {
    Schema optional = SchemaBuilder.struct().field("a", Schema.OPTIONAL_STRING_SCHEMA).build();

    assertThatThrownBy(() -> parts(StateType.HASH, OptionalLong.empty(), new Struct(optional)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a hash needs at least one");
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static List<String> parts(StateType type, OptionalLong ttl, @Nullable Object value) {
    SinkRecord record =
        new SinkRecord(
            "claims",
            0,
            Schema.INT64_SCHEMA,
            7L,
            value instanceof Struct struct ? struct.schema() : null,
            value,
            5);
    StreamAppend append =
        new StateEncoder(new KeyTemplate("claim:${key}"), type, ttl)
            .encode("claim:${key}", RecordOrigin.of(record), record)
            .orElseThrow();
    List<byte[]> parts = append.parts();
    return Stream.concat(
            Stream.of(parts.get(0)),
            parts.stream().skip(1).map(FakeRecordScript::unpacked).flatMap(List::stream))
        .map(word -> new String(word, StandardCharsets.UTF_8))
        .toList();
  }
}
