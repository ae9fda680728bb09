/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.comeBack;
import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunningSinkTest {
  private static final String STREAM = "claims:analytics";
  private static final TopicPartition PARTITION = new TopicPartition("claims", 0);
  private static final Object UNENCODABLE = new Object();

  private final ScriptedRedis redis = new ScriptedRedis();
  private final FakeSinkContext context = new FakeSinkContext();
  private final FakeClock clock = new FakeClock();

  @Test
  void recordsAreAppendedInTheirOrderOverSeveralWrites() {
    RunningSink sink = sink("redis.write.count", "3");

    deliver(sink, records(0, 10));
    deliver(sink, records(10, 20));

    assertThat(appended()).isEqualTo(texts(0, 20));
  }

  @Test
  void eachTopicHasItsStream() {
    RunningSink sink = sink("redis.stream", "analytics:${topic}");

    deliver(
        sink,
        List.of(record("claims", 0, "a"), record("payments", 0, "b"), record("claims", 1, "c")));

    assertThat(redis.values("analytics:claims", "value")).containsExactly("a", "c");
    assertThat(redis.values("analytics:payments", "value")).containsExactly("b");
  }

  @Test
  void tombstonesAreSkipped() {
    RunningSink sink = sink();

    deliver(sink, List.of(record(0, "a"), record(1, null), record(2, "c")));

    assertThat(appended()).containsExactly("a", "c");
    assertThat(context.reported).isEmpty();
  }

  @Test
  void badRecordStopsTheBatchBeforeAnythingIsAppendedIfErrorsAreNotTolerated() {
    RunningSink sink = sink();

    assertThatThrownBy(
            () -> deliver(sink, List.of(record(0, "a"), record(1, UNENCODABLE), record(2, "c"))))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("claims-0@1", STREAM, "'value'", "errors.tolerance=all");

    assertThat(appended()).isEmpty();
    assertThat(context.reported).isEmpty();
  }

  @Test
  void badRecordIsDeadLetteredAndItsNeighboursAreAppendedIfErrorsAreTolerated() {
    RunningSink sink = sink("errors.tolerance", "all");
    SinkRecord bad = record(1, UNENCODABLE);

    deliver(sink, List.of(record(0, "a"), bad, record(2, "c")));

    assertThat(appended()).containsExactly("a", "c");
    assertThat(context.reported).containsExactly(bad);
    assertThat(redis.values("claims:failed", "error_offset")).containsExactly("1");
    assertThat(redis.values("claims:failed", "error_topic")).containsExactly("claims");
    assertThat(redis.values("claims:failed", "error_connector")).containsExactly("analytics");
  }

  @Test
  void emptyNameTurnsTheStreamOfFailuresOff() {
    RunningSink sink = sink("errors.tolerance", "all", "redis.failed.stream", "");

    deliver(sink, List.of(record(0, UNENCODABLE)));

    assertThat(context.reported).hasSize(1);
    assertThat(redis.entries("claims:failed")).isEmpty();
  }

  @Test
  void recordThatRedisRefusesIsDeadLetteredAndItsNeighboursAreAppended() {
    redis.tooLargeAt(1);
    RunningSink sink = sink("errors.tolerance", "all");

    deliver(sink, records(0, 3));

    assertThat(appended()).containsExactly("0", "2");
    assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(1L);
  }

  @Test
  void recordThatRedisRefusesFailsTheTaskIfErrorsAreNotTolerated() {
    redis.tooLargeAt(1);
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, records(0, 3)))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("claims-0@1", "errors.tolerance=all");
  }

  @Test
  void memoryShortageInTheMiddleIsTriedAgainAndNoRecordIsAppendedTwice() {
    redis.outOfMemoryAt(1).outOfMemoryAt(2);
    RunningSink sink = sink();
    List<SinkRecord> batch = records(0, 5);

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);
    assertThat(context.timeouts).hasSize(2).allSatisfy(wait -> assertThat(wait).isPositive());
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(appended()).containsExactlyInAnyOrderElementsOf(texts(0, 5));
  }

  @Test
  void connectionLostBetweenRepliesAppendsTheRestOnceOnly() {
    redis.connectionLostAt(2);
    RunningSink sink = sink();
    List<SinkRecord> batch = records(0, 5);

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(appended()).isEqualTo(texts(0, 5));
  }

  @Test
  void lostReplyCostsAtMostOneSecondEntry() {
    redis.replyLostAt(2);
    RunningSink sink = sink();
    List<SinkRecord> batch = records(0, 5);

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(appended()).containsExactly("0", "1", "2", "2", "3", "4");
  }

  @Test
  void nothingIsSentBeforeTheBackoffIsOver() {
    redis.refusing(new RedisOutageException("cannot connect", null));
    RunningSink sink = sink();
    assertThatThrownBy(() -> deliver(sink, records(0, 1))).isInstanceOf(RetriableException.class);
    redis.refusing(null);

    assertThatThrownBy(() -> deliver(sink, records(0, 1))).isInstanceOf(RetriableException.class);

    assertThat(appended()).isEmpty();
    assertThat(context.timeouts).hasSize(2).allSatisfy(wait -> assertThat(wait).isPositive());
  }

  @Test
  void wallClockThatIsSetBackDuringAnOutageDoesNotProlongIt() {
    // given
    RunningSink sink = sink("errors.retry.delay.max.ms", "200");
    redis.refusing(new RedisOutageException("cannot connect", null));
    assertThatThrownBy(() -> deliver(sink, records(0, 3))).isInstanceOf(RetriableException.class);

    // when
    redis.refusing(null);
    clock.setBack(Duration.ofHours(1));
    deliver(sink, records(0, 3), () -> clock.advance(Duration.ofMillis(1)));

    // then
    assertThat(appended()).isEqualTo(texts(0, 3));
  }

  @Test
  void connectionThatWasClosedWhileIdleIsNoOutage() {
    // given
    RunningSink sink = sink("errors.retry.timeout", "0");
    deliver(sink, records(0, 3));

    // when
    redis.closeIdleConnections();
    deliver(sink, records(3, 6));

    // then
    assertThat(appended()).isEqualTo(texts(0, 6));
  }

  @Test
  void outageLongerThanTheRetryTimeoutFailsTheTask() {
    redis.refusing(new RedisOutageException("cannot connect", null));
    RunningSink sink = sink("errors.retry.timeout", "60000");
    assertThatThrownBy(() -> deliver(sink, records(0, 1))).isInstanceOf(RetriableException.class);
    clock.advance(Duration.ofMinutes(2));

    assertThatThrownBy(() -> comeBack(sink))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining("errors.retry.timeout");
  }

  @Test
  void outageNeverPutsRecordsAside() {
    redis.outOfMemoryAt(0).outOfMemoryAt(1);
    RunningSink sink = sink("errors.tolerance", "all");

    assertThatThrownBy(() -> deliver(sink, records(0, 2))).isInstanceOf(RetriableException.class);

    assertThat(context.reported).isEmpty();
    assertThat(redis.entries("claims:failed")).isEmpty();
  }

  @Test
  void outageOfTheStreamOfFailuresReportsEachBadRecordOnce() {
    redis.outOfMemoryAt(1); // after the first bad record's dead letter
    RunningSink sink = sink("errors.tolerance", "all");
    List<SinkRecord> batch =
        List.of(record(0, "a"), record(1, UNENCODABLE), record(2, UNENCODABLE));

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(appended()).containsExactly("a");
    assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(1L, 2L);
    assertThat(redis.values("claims:failed", "error_offset")).containsExactly("1", "2");
  }

  @Test
  void keyOfAnotherTypeFailsTheTaskAndIsNamed() {
    redis.wrongTypeAt(0);
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, records(0, 1)))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll("XADD", STREAM, "redis.stream", "WRONGTYPE");
  }

  @Test
  void missingPermissionFailsTheTaskAndNamesTheUser() {
    redis.noPermissionAt(0);
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, records(0, 1)))
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll("XADD", STREAM, "NOPERM", "redis.username");
  }

  @Test
  void nothingAboveAnUndoneRecordIsCommitted() {
    redis.outOfMemoryAt(1);
    RunningSink sink = sink();
    Map<TopicPartition, OffsetAndMetadata> wanted = Map.of(PARTITION, new OffsetAndMetadata(3));

    assertThatThrownBy(() -> deliver(sink, records(0, 3))).isInstanceOf(RetriableException.class);
    assertThat(sink.committable(wanted)).containsEntry(PARTITION, new OffsetAndMetadata(1));

    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);
    assertThat(sink.committable(wanted)).isEqualTo(wanted);
  }

  @Test
  void recordsOfPartitionsThatCameBackAreAppendedAgain() {
    redis.outOfMemoryAt(1);
    RunningSink sink = sink();
    assertThatThrownBy(() -> deliver(sink, records(0, 2))).isInstanceOf(RetriableException.class);

    sink.close(List.of(PARTITION));
    clock.advance(Duration.ofMinutes(1));
    sink.open(List.of(PARTITION));
    sink.committable(Map.of(PARTITION, new OffsetAndMetadata(0)));
    deliver(sink, List.of());
    deliver(sink, records(0, 2));

    assertThat(appended()).containsExactly("0", "0", "1");
  }

  @Test
  void connectIsAskedToComeBackForTheRepliesAtOnce() {
    RunningSink sink = sink();

    sink.put(records(0, 3));
    assertThat(context.timeouts).containsExactly(1L);

    sink.put(records(3, 5));
    comeBack(sink);
    assertThat(appended()).isEqualTo(texts(0, 5));
    assertThat(context.timeouts).startsWith(1L, 1L).hasSize(3);
    assertThat(context.timeouts.get(2)).as("when there is nothing to wait for").isEqualTo(500L);
  }

  @Test
  void recordsAreNotTakenWhileThoseBeforeThemAreUndone() {
    redis.outOfMemoryAt(1);
    RunningSink sink = sink();
    sink.put(records(0, 3));

    assertThatThrownBy(() -> sink.put(records(3, 5)))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("OOM");
    assertThat(appended()).containsExactly("0", "2");
    clock.advance(Duration.ofMinutes(1));
    deliver(sink, records(3, 5));

    assertThat(appended()).containsExactly("0", "2", "1", "3", "4");
  }

  @Test
  void commitWaitsForTheRepliesAndTheNextPutReportsTheOutage() {
    redis.outOfMemoryAt(1);
    RunningSink sink = sink();
    Map<TopicPartition, OffsetAndMetadata> wanted = Map.of(PARTITION, new OffsetAndMetadata(3));
    sink.put(records(0, 3));

    assertThat(sink.committable(wanted)).containsEntry(PARTITION, new OffsetAndMetadata(1));

    assertThatThrownBy(() -> comeBack(sink))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("OOM");
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);
    assertThat(sink.committable(wanted)).isEqualTo(wanted);
  }

  @Test
  void whatACommitFindsFailsTheNextPutAndNotTheCommit() {
    redis.wrongTypeAt(1);
    RunningSink sink = sink();
    sink.put(records(0, 3));

    assertThat(sink.committable(Map.of(PARTITION, new OffsetAndMetadata(3))))
        .containsEntry(PARTITION, new OffsetAndMetadata(1));

    assertThatThrownBy(() -> comeBack(sink))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining("WRONGTYPE");
  }

  @Test
  void badRecordIsNotCommittedBeforeItIsDeadLettered() {
    RunningSink sink = sink("errors.tolerance", "all");
    Map<TopicPartition, OffsetAndMetadata> wanted = Map.of(PARTITION, new OffsetAndMetadata(3));
    sink.put(List.of(record(0, UNENCODABLE), record(1, "b")));

    assertThat(sink.committable(wanted)).containsEntry(PARTITION, new OffsetAndMetadata(0));
    comeBack(sink);

    assertThat(context.reported).hasSize(1);
    assertThat(sink.committable(wanted)).isEqualTo(wanted);
  }

  @Test
  void recordThatRedisRefusesIsLeftToTheTaskThatHasItsPartitionByThen() {
    redis.tooLargeAt(0);
    RunningSink sink = sink("errors.tolerance", "all");
    sink.put(records(0, 2));

    sink.close(List.of(PARTITION));
    comeBack(sink);

    assertThat(context.reported).isEmpty();
    assertThat(redis.entries("claims:failed")).isEmpty();
  }

  @Test
  void streamThatFailsLeavesTheOutcomesOfTheOthersAlone() {
    redis.wrongTypeAt(0);
    RunningSink sink = sink("redis.stream", "analytics:${topic}");
    TopicPartition payments = new TopicPartition("payments", 0);
    sink.put(
        List.of(record("claims", 0, "a"), record("payments", 0, "b"), record("payments", 1, "c")));

    assertThat(
            sink.committable(
                Map.of(PARTITION, new OffsetAndMetadata(1), payments, new OffsetAndMetadata(2))))
        .isEqualTo(Map.of(PARTITION, new OffsetAndMetadata(0), payments, new OffsetAndMetadata(2)));
    assertThatThrownBy(() -> comeBack(sink)).hasMessageContaining("WRONGTYPE");
  }

  @Test
  void outageEndsThoughWhatMetItBelongsToAnotherTaskNow() {
    redis.outOfMemoryAt(0);
    RunningSink sink = sink();
    assertThatThrownBy(() -> deliver(sink, records(0, 1))).isInstanceOf(RetriableException.class);
    sink.close(List.of(PARTITION));

    assertThatThrownBy(() -> sink.put(List.of(record("payments", 0, "b"))))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("still unavailable");
    clock.advance(Duration.ofMinutes(1));
    deliver(sink, List.of(record("payments", 0, "b")));
    deliver(sink, List.of(record("payments", 1, "c")));

    assertThat(appended()).containsExactly("b", "c");
  }

  @Test
  void slowRedisLetsConnectLookAboutAndNothingIsAppendedTwice() {
    redis.whileAnswering(() -> clock.advance(Duration.ofMillis(150)));
    RunningSink sink = sink("redis.write.count", "2");
    Map<TopicPartition, OffsetAndMetadata> wanted = Map.of(PARTITION, new OffsetAndMetadata(20));
    List<SinkRecord> batch = records(0, 20);

    assertThatThrownBy(() -> deliver(sink, batch))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("slow");
    assertThat(appended()).isEqualTo(texts(0, 10));
    assertThat(sink.committable(wanted)).containsEntry(PARTITION, new OffsetAndMetadata(10));
    assertThat(context.timeouts).containsExactly(1L, 1L);

    assertThatThrownBy(() -> comeBack(sink)).isInstanceOf(RetriableException.class);
    comeBack(sink);
    assertThat(appended()).isEqualTo(texts(0, 20));
    assertThat(sink.committable(wanted)).isEqualTo(wanted);
  }

  @Test
  void manyBadRecordsLetConnectLookAboutAndEachIsReportedOnce() {
    redis.whileAnswering(() -> clock.advance(Duration.ofSeconds(2)));
    RunningSink sink = sink("errors.tolerance", "all");
    List<SinkRecord> batch = List.of(record(0, UNENCODABLE), record(1, UNENCODABLE));

    assertThatThrownBy(() -> deliver(sink, batch)).isInstanceOf(RetriableException.class);
    assertThat(context.reported).hasSize(1);
    comeBack(sink);

    assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(0L, 1L);
  }

  @Test
  void streamIsTrimmedOncePerWrite() {
    RunningSink sink =
        sink("redis.stream.max.length", "1000", "redis.stream.retention.ms", "3600000");

    deliver(sink, records(0, 5));
    deliver(sink, records(5, 10));

    long hourAgo = clock.instant().minus(Duration.ofHours(1)).toEpochMilli();
    long twoHoursAgo = clock.instant().minus(Duration.ofHours(2)).toEpochMilli();
    String limits =
        " 1 claims:analytics 1000 %d-0 %d-0 acknowledged".formatted(hourAgo, twoHoursAgo);
    assertThat(redis.otherCommands())
        .filteredOn(command -> command.startsWith("EVAL"))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("EVAL ").endsWith(limits),
            then -> assertThat(then).startsWith("EVALSHA ").endsWith(limits));
  }

  private RunningSink sink(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "analytics"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    properties.putIfAbsent("redis.delivery", "at-least-once");
    RunningSink sink =
        new RunningSink(
            new RedisStreamSinkConfig(properties),
            redis,
            context,
            UnpublishedMetrics.task(),
            clock);
    sink.open(List.of(PARTITION, new TopicPartition("payments", 0)));
    context.timeouts.clear();
    return sink;
  }

  private List<String> appended() {
    return redis.values(STREAM, "value");
  }

  private static List<SinkRecord> records(int from, int to) {
    List<SinkRecord> records = new ArrayList<>();
    for (int offset = from; offset < to; offset++) {
      records.add(record(offset, Integer.toString(offset)));
    }
    return records;
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private static SinkRecord record(long offset, @Nullable Object value) {
    return record("claims", offset, value);
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(String topic, long offset, @Nullable Object value) {
    return new SinkRecord(topic, 0, null, null, null, value, offset);
  }
}
