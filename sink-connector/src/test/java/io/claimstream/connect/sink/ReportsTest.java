/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.comeBack;
import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.sink.deliver.FakeAppendScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A record that Redis rejects is in the dead letter queue before any later record is in the stream:
 * after the stored offset has passed it, no restart would find it again.
 */
class ReportsTest {
  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final List<List<String>> streamAtReports = new ArrayList<>();

  @BeforeEach
  void teach() {
    FakeAppendScript.teach(redis, ReportsTest::refusal);
  }

  @Test
  void reportIsWaitedForBeforeWhatComesAfterIsAppended() {
    RunningSink sink = sink(new FakeSinkContext(record -> streamAtReports.add(stream())));

    deliver(sink, records("a", "refused", "c", "refused", "e"));

    assertThat(streamAtReports).containsExactly(List.of("a"), List.of("a", "c"));
    assertThat(stream()).containsExactly("a", "c", "e");
  }

  @Test
  void reportIsWaitedForThoughRedisFailsInBetween() {
    // two consecutive bad records; the dead letter of the second meets an outage
    redis.faults(FaultPlan.once(2, FaultPlan.named("XADD"), Fault.Break.BEFORE_EXECUTION));
    RunningSink sink = sink(new FakeSinkContext(record -> streamAtReports.add(stream())));
    List<SinkRecord> batch = new ArrayList<>(records("a", "refused", "c"));
    batch.add(record("payments", 0, "refused"));

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);

    assertThat(streamAtReports).containsExactly(List.of("a"));
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);
    assertThat(streamAtReports).hasSize(2);
    assertThat(stream()).containsExactly("a", "c");
  }

  @Test
  void nothingBehindARefusedRecordIsAppendedWhileItCannotBeDeadLettered() {
    redis.faults(FaultPlan.always(FaultPlan.named("XADD"), Fault.Break.BEFORE_EXECUTION));
    FakeSinkContext first = new FakeSinkContext();
    RunningSink sink = sink(first);

    assertThatThrownBy(() -> deliver(sink, records("a", "refused", "c")))
        .isInstanceOf(RetriableException.class);
    for (int attempt = 0; attempt < 3; attempt++) {
      clock.advance(Duration.ofMinutes(1));
      assertThatThrownBy(() -> comeBack(sink)).isInstanceOf(RetriableException.class);
      assertThat(stream()).containsExactly("a");
    }

    // a restart finds it again
    assertThat(committable(sink, 3)).isEqualTo(1);
    redis.faults(FaultPlan.none());
    FakeSinkContext second = new FakeSinkContext();
    deliver(sink(second), records("a", "refused", "c").subList(1, 3));
    assertThat(first.reported).isEmpty();
    assertThat(second.reported).hasSize(1);
    assertThat(stream()).containsExactly("a", "c");
  }

  @Test
  void nothingBesideAnUnencodableRecordIsAppendedBeforeItIsDeadLettered() {
    RunningSink sink = sink(new FakeSinkContext(record -> streamAtReports.add(stream())));

    sink.put(List.of(record("claims", 0, "a"), record("claims", 1, new Object())));
    assertThat(stream()).isEmpty();
    comeBack(sink);

    assertThat(streamAtReports).containsExactly(List.of());
    assertThat(stream()).containsExactly("a");
  }

  @Test
  void reportThatFailsFailsTheTaskAndNothingBehindIsAppendedOrCommitted() {
    RunningSink sink =
        sink(
            new FakeSinkContext(
                record -> {
                  throw new IllegalStateException("no broker");
                }));

    assertThatThrownBy(() -> deliver(sink, records("a", "refused", "c")))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining("errors.deadletterqueue.topic.name");

    assertThat(stream()).containsExactly("a");
    assertThat(committable(sink, 3)).isEqualTo(1);
  }

  @Test
  void errorThatOldServersPutThePlaceInFrontOfIsStillUnderstood() {
    FakeAppendScript.teach(
        redis,
        fields -> "@user_script: 26: -READONLY You can't write against a read only replica.");

    assertThatThrownBy(() -> deliver(sink(new FakeSinkContext()), records("a")))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("READONLY");
  }

  private RunningSink sink(FakeSinkContext context) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "analytics");
    properties.put("errors.tolerance", "all");
    return FakeWorker.assigned(
        new RunningSink(
            new RedisStreamSinkConfig(properties),
            redis,
            context,
            UnpublishedMetrics.task(),
            clock),
        "claims",
        "payments");
  }

  /** Returns the offset that Connect may commit for the first partition. */
  private static long committable(RunningSink sink, long wanted) {
    TopicPartition partition = new TopicPartition("claims", 0);
    return sink.committable(Map.of(partition, new OffsetAndMetadata(wanted))).values().stream()
        .mapToLong(OffsetAndMetadata::offset)
        .sum();
  }

  private List<String> stream() {
    List<String> values = new ArrayList<>();
    for (StreamEntry entry : Replies.entries(redis.call("XRANGE", "claims:analytics", "-", "+"))) {
      values.add(new String(entry.value(0), StandardCharsets.UTF_8));
    }
    return values;
  }

  private static @Nullable String refusal(List<byte[]> fields) {
    return new String(fields.get(1), StandardCharsets.UTF_8).equals("refused")
        ? "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
        : null;
  }

  private static List<SinkRecord> records(String... values) {
    List<SinkRecord> records = new ArrayList<>();
    for (String value : values) {
      records.add(record("claims", records.size(), value));
    }
    return records;
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(String topic, long offset, Object value) {
    return new SinkRecord(topic, 0, null, null, null, value, offset);
  }
}
