/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.sink.state.RedisStateSinkConnector;
import io.claimstream.connect.sink.state.StateSinks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state sink on a real Redis. */
class ReadModelIT extends RedisTestBase {
  private static final String OFFSETS = "claimstream:v1:offsets:{claim:}:states";

  private final FakeClock clock = new FakeClock();
  private final FakeSinkContext context = new FakeSinkContext();

  @Test
  void aHashHasTheFieldsOfTheLastRecord() {
    // given
    RunningSink sink = sink();

    // when
    deliver(sink, List.of(record(0, "1", value("status", "new", "adjuster", "Ann"))));
    deliver(sink, List.of(record(1, "1", value("status", "closed", "adjuster", null))));

    // then
    assertThat(hash("claim:1")).containsExactlyEntriesOf(Map.of("status", "closed"));
    assertThat(Replies.text(call("HGET", OFFSETS, "claims-0"))).startsWith("1 ");
  }

  @Test
  void aJsonStringIsTheLastRecord() {
    // given
    RunningSink sink = sink("redis.type", "json-string");

    // when
    deliver(
        sink, List.of(record(0, "1", value("a", "x")), record(1, "1", value("b", 7, "c", null))));
    deliver(sink, List.of(record(2, "2", "text")));

    // then
    assertThat(Replies.text(call("GET", "claim:1"))).isEqualTo("{\"b\":7}");
    assertThat(Replies.text(call("GET", "claim:2"))).isEqualTo("\"text\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash", "json-string"})
  void theTimeToLiveIsThatOfTheLastRecord(String type) {
    // when
    deliver(
        sink("redis.type", type, "redis.key.ttl.ms", "100000"),
        List.of(record(0, "1", value("a", 1)), record(1, "2", value("a", 1))));
    deliver(sink("redis.type", type), List.of(record(2, "1", value("a", 2))));

    // then
    assertThat((Long) call("PTTL", "claim:1")).isEqualTo(-1);
    assertThat((Long) call("PTTL", "claim:2")).isBetween(1L, 100_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash", "json-string"})
  void aDeletedKeyStaysDeleted(String type) {
    // given
    List<SinkRecord> records =
        List.of(record(0, "1", value("a", 1)), record(1, "1", null), record(2, "2", value("a", 1)));
    deliver(sink("redis.type", type), records);

    // when the same records come again, to a task that does not know
    deliver(sink("redis.type", type), records.subList(0, 1));

    // then
    assertThat(call("EXISTS", "claim:1")).isEqualTo(0L);
    assertThat(call("EXISTS", "claim:2")).isEqualTo(1L);
  }

  @Test
  void aStateNeverGoesBack() {
    // given a task that was replaced while it was frozen
    RunningSink frozen = sink();
    deliver(frozen, List.of(record(0, "1", value("v", 0))));
    deliver(sink(), List.of(record(1, "1", value("v", 1)), record(2, "1", value("v", 2))));

    // when
    deliver(frozen, List.of(record(1, "1", value("v", 1))));

    // then
    assertThat(hash("claim:1")).containsEntry("v", "2");
  }

  @Test
  void aReplayEndsAtTheSameState() {
    // given
    List<SinkRecord> records =
        List.of(record(0, "1", value("v", 0)), record(1, "2", value("v", 1)), record(2, "1", null));
    deliver(sink(), records);

    // when
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 0L);
    new RedisStateSinkConnector().alterOffsets(properties(), offsets);
    call("DEL", "claim:2");
    deliver(sink(), records);

    // then
    assertThat(call("EXISTS", "claim:1")).isEqualTo(0L);
    assertThat(hash("claim:2")).containsEntry("v", "1");
  }

  @Test
  void aKeyOfAnotherTypeIsReplaced() {
    // given
    call("SET", "claim:1", "text");

    // when
    deliver(sink(), List.of(record(0, "1", value("v", 0))));

    // then
    assertThat(hash("claim:1")).containsEntry("v", "0");
  }

  @Test
  void aBadRecordLeavesTheStateBeforeItAndItsNeighbours() {
    // given
    RunningSink sink = sink("errors.tolerance", "all");
    Map<String, Object> huge = new TreeMap<>();
    for (int i = 0; i < 3_851; i++) {
      huge.put("f" + i, i);
    }

    // when
    deliver(
        sink,
        List.of(
            record(0, "1", value("v", 0)),
            record(1, "1", huge),
            record(2, null, value("v", 2)),
            record(3, "3", value("v", 3))));

    // then
    assertThat(hash("claim:1")).containsEntry("v", "0");
    assertThat(hash("claim:3")).containsEntry("v", "3");
    assertThat(context.reasons)
        .extracting(Throwable::getMessage)
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .contains("claims-0@1", "keys claim:${key}", "has 3851 fields", "3850"),
            second -> assertThat(second).contains("claims-0@2", "has no key"));
    assertThat(call("XLEN", "claims:failed")).isEqualTo(2L);
  }

  @Test
  void aHashOfTheLargestSizeIsWritten() {
    // given
    Map<String, Object> large = new TreeMap<>();
    for (int i = 0; i < 3_850; i++) {
      large.put("f" + i, i);
    }

    // when
    deliver(sink("redis.key.ttl.ms", "100000"), List.of(record(0, "1", large)));

    // then
    assertThat(call("HLEN", "claim:1")).isEqualTo(3_850L);
  }

  @Test
  void lostOffsetsStopTheTask() {
    // given
    RunningSink sink = sink();
    deliver(sink, List.of(record(0, "1", value("v", 0))));

    // when
    call("FLUSHALL");

    // then
    assertThatThrownBy(
            () -> {
              sink.put(List.of(record(1, "1", value("v", 1))));
              sink.put(List.of());
            })
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("stored offsets are missing: claims-0 for keys claim:${key}")
        .hasMessageContaining(OFFSETS);
  }

  @Test
  void aServerWithoutRedisJsonIsFoundByValidation() {
    assertThat(
            new RedisStateSinkConnector().validate(properties("redis.type", "json")).configValues())
        .filteredOn(value -> !value.errorMessages().isEmpty())
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.name()).isEqualTo("redis.type");
              assertThat(value.errorMessages().get(0)).contains("does not support JSON.SET");
            });
  }

  @Test
  void validationChangesNothing() {
    // when
    List<ConfigValue> validated =
        new RedisStateSinkConnector()
            .validate(properties("redis.key.ttl.ms", "1000", "errors.tolerance", "all"))
            .configValues();

    // then
    assertThat(validated).flatExtracting(ConfigValue::errorMessages).isEmpty();
    assertThat(call("DBSIZE")).isEqualTo(0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash", "json-string"})
  void userWithTheDocumentedRightsCanDoEverythingTheSinkDoes(String type) throws IOException {
    // given
    call("ACL", documentedAclLine());
    String[] user = {
      "redis.username", "claims-state",
      "redis.password", "password",
      "redis.type", type,
      "redis.key.ttl.ms", "100000",
      "errors.tolerance", "all",
    };
    call("SCRIPT", "FLUSH");

    // when
    List<ConfigValue> validated =
        new RedisStateSinkConnector().validate(properties(user)).configValues();
    deliver(
        sink(user),
        List.of(record(0, "1", value("v", 0)), record(1, null, "bad"), record(2, "1", null)));
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 1L);
    new RedisStateSinkConnector().alterOffsets(properties(user), offsets);
    new RedisStateSinkConnector().alterOffsets(properties(user), Map.of());

    // then
    assertThat(validated).flatExtracting(ConfigValue::errorMessages).isEmpty();
    assertThat(call("EXISTS", "claim:1")).isEqualTo(0L);
    assertThat(call("EXISTS", OFFSETS)).isEqualTo(0L);
    assertThat(call("XLEN", "claims:failed")).isEqualTo(1L);
  }

  @Test
  void validationNamesMissingRights() throws IOException {
    // given
    call("ACL", documentedAclLine());
    call("ACL", "SETUSER", "claims-state", "-del", "-pexpire");

    // when, then
    assertThat(
            new RedisStateSinkConnector()
                .validate(
                    properties(
                        "redis.username", "claims-state",
                        "redis.password", "password",
                        "redis.key.ttl.ms", "100000"))
                .configValues())
        .filteredOn(value -> !value.errorMessages().isEmpty())
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.name()).isEqualTo("redis.username");
              assertThat(value.errorMessages().get(0)).contains("may not use DEL, PEXPIRE");
            });
  }

  /** The arguments after ACL. */
  private static Object[] documentedAclLine() throws IOException {
    String start = "ACL ";
    return Files.readAllLines(Path.of("../docs/how-to/acl.md")).stream()
        .filter(line -> line.startsWith(start + "SETUSER claims-state "))
        .findFirst()
        .orElseThrow()
        .substring(start.length())
        .split(" ", -1);
  }

  private RunningSink sink(String... settings) {
    return FakeWorker.assigned(StateSinks.running(properties(settings), context, clock), "claims");
  }

  private static Map<String, String> properties(String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "states");
    properties.put("topics", "claims");
    properties.put("redis.key", "claim:${key}");
    properties.put("redis.uri", redis.uri());
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return properties;
  }

  private static Map<String, @Nullable Object> value(@Nullable Object... members) {
    Map<String, @Nullable Object> value = new TreeMap<>();
    for (int i = 0; i < members.length; i += 2) {
      value.put(String.valueOf(members[i]), members[i + 1]);
    }
    return value;
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(long offset, @Nullable String key, @Nullable Object value) {
    return new SinkRecord(
        "claims", 0, null, key, null, value, offset, 1_700_000_000_000L, TimestampType.CREATE_TIME);
  }

  private static Map<String, String> hash(String key) {
    List<String> flat = new ArrayList<>();
    Replies.list(call("HGETALL", key))
        .forEach(part -> flat.add(String.valueOf(Replies.text(part))));
    Map<String, String> hash = new TreeMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      hash.put(flat.get(i), flat.get(i + 1));
    }
    return hash;
  }
}
