/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.comeBack;
import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exactly-once delivery to a real server with the real script. */
class ExactlyOnceIT extends RedisTestBase {
  private static final String STREAM = "claims:analytics";
  private static final String OFFSETS = "claimstream:v1:offsets:{claims:analytics}:analytics";
  private static final long CREATED = 1_767_225_600_000L;

  private final FakeSinkContext context = new FakeSinkContext();
  private final FakeClock clock = new FakeClock();

  @BeforeEach
  void liftTheLimit() {
    call("CONFIG", "SET", "maxmemory", "0");
  }

  @Test
  void recordsAreAppendedInTheirOrder() {
    RunningSink sink = sink("redis.write.count", "3");

    deliver(sink, records("claims", 0, 0, 10));
    deliver(sink, records("claims", 0, 10, 20));

    assertThat(appended()).isEqualTo(values("claims-0", 0, 20));
  }

  @Test
  void batchThatAnotherTaskWroteIsNotWrittenAgain() {
    deliver(sink(), records("claims", 0, 0, 10));

    deliver(sink(), records("claims", 0, 5, 15));

    assertThat(appended()).isEqualTo(values("claims-0", 0, 15));
  }

  @Test
  void partitionsTopicsAndConnectorsHavePositionsOfTheirOwn() {
    deliver(sink(), records("claims", 0, 0, 2));
    deliver(sink(), records("claims", 1, 0, 2));
    deliver(sink(), records("payments", 0, 0, 2));
    deliver(sink("name", "another"), records("claims", 0, 0, 2));

    assertThat(appended()).hasSize(8);
  }

  @Test
  void positionsAreThoseBeforeAnyTransform() {
    List<SinkRecord> renamed =
        records("claims", 3, 0, 5).stream()
            .map(
                record ->
                    record.newRecord(
                        "renamed",
                        7,
                        null,
                        null,
                        record.valueSchema(),
                        record.value(),
                        record.timestamp()))
            .toList();

    deliver(sink("redis.stream", "claims:${topic}"), renamed);
    deliver(sink("redis.stream", "claims:${topic}"), records("claims", 3, 0, 5));

    assertThat(call("XLEN", "claims:claims")).isEqualTo(5L);
    assertThat(call("EXISTS", "claims:renamed")).isEqualTo(0L);
    assertThat(call("HLEN", "claimstream:v1:offsets:{claims:claims}:analytics")).isEqualTo(1L);
    assertThat(call("HEXISTS", "claimstream:v1:offsets:{claims:claims}:analytics", "claims-3"))
        .isEqualTo(1L);
  }

  @Test
  void serverThatForgotTheScriptGetsItAgain() {
    RunningSink sink = sink();
    deliver(sink, records("claims", 0, 0, 1));
    call("SCRIPT", "FLUSH");

    deliver(sink, records("claims", 0, 1, 2));

    assertThat(appended()).isEqualTo(values("claims-0", 0, 2));
  }

  @Test
  void commitGivesTheScriptToAServerThatForgotIt() {
    RunningSink sink = sink();
    deliver(sink, records("claims", 0, 0, 1));
    call("SCRIPT", "FLUSH");
    sink.put(records("claims", 0, 1, 300));
    Map<TopicPartition, OffsetAndMetadata> wanted =
        Map.of(new TopicPartition("claims", 0), new OffsetAndMetadata(300));

    assertThat(sink.committable(wanted)).isEqualTo(wanted);

    assertThat(appended()).isEqualTo(values("claims-0", 0, 300));
  }

  @Test
  void connectionsThatBreakAtRandomLeaveEachRecordOnceAndInOrder() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("ExactlyOnceIT: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    RedisConnections flaky = new Flaky(redis.connections(), random);
    Map<TopicPartition, Integer> committed = new HashMap<>();
    RunningSink sink = sink(flaky, "redis.write.count", "7");
    Map<TopicPartition, Integer> next = new HashMap<>();
    Map<TopicPartition, Integer> highest = new HashMap<>();
    for (int round = 0; round < 100; round++) {
      List<SinkRecord> batch = new ArrayList<>();
      for (int partition = 0; partition < 3; partition++) {
        TopicPartition key = new TopicPartition("claims", partition);
        int from = next.getOrDefault(key, 0);
        int to = from + random.nextInt(20);
        batch.addAll(records("claims", partition, from, to));
        next.put(key, to);
        highest.merge(key, to, Math::max);
      }
      deliver(sink, batch, () -> clock.advance(Duration.ofMinutes(1)));
      if (random.nextInt(4) == 0) {
        committed.putAll(next);
      }
      if (random.nextInt(4) == 0) {
        // a crash: another task starts where the last commit was
        sink = sink(flaky, "redis.write.count", "7");
        next.replaceAll((key, n) -> committed.getOrDefault(key, 0));
      }
    }

    List<String> appended = appended();
    highest.forEach(
        (partition, end) ->
            assertThat(appended)
                .as("seed " + seed)
                .filteredOn(value -> value.startsWith(partition + "@"))
                .isEqualTo(values(partition.toString(), 0, end)));
  }

  @Test
  void memoryShortageAppendsNothingAndIsWaitedFor() {
    deliver(sink(), records("claims", 0, 0, 1));
    call("CONFIG", "SET", "maxmemory", "1");
    RunningSink sink = sink();
    List<SinkRecord> batch = records("claims", 0, 1, 4);

    assertThatThrownBy(() -> deliver(sink, batch))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("OOM");
    call("CONFIG", "SET", "maxmemory", "0");
    clock.advance(Duration.ofMinutes(1));
    comeBack(sink);

    assertThat(appended()).isEqualTo(values("claims-0", 0, 4));
  }

  @Test
  void largestEntryIsWrittenAndALargerOneIsDeadLetteredWithoutItsNeighbours() {
    List<SinkRecord> batch =
        List.of(
            record("claims", 0, 0, "a"),
            record("claims", 0, 1, fields(3_899)),
            record("claims", 0, 2, fields(3_901)),
            record("claims", 0, 3, "d"));

    deliver(sink("errors.tolerance", "all"), batch);

    assertThat(entries()).extracting(StreamEntry::size).containsExactly(1, 3_899, 1);
    assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(2L);
  }

  @Test
  void largerEntryFailsTheTaskIfErrorsAreNotTolerated() {
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, List.of(record("claims", 0, 7, fields(3_901)))))
        .hasMessageContainingAll("claims-0@7", STREAM, "redis.delivery", "errors.tolerance=all");
  }

  @Test
  void batchesLargerThanAScriptCallShouldGetAreSplit() {
    String large = "x".repeat(700_000);

    deliver(
        sink(), IntStream.range(0, 5).mapToObj(i -> record("claims", 0, i, i + large)).toList());

    assertThat(appended())
        .extracting(value -> value.charAt(0))
        .containsExactly('0', '1', '2', '3', '4');
  }

  @Test
  void partitionsShareARoundTrip() {
    AtomicInteger roundTrips = new AtomicInteger();
    RunningSink sink =
        sink(
            key -> new Counted(redis.connections().open(key), roundTrips),
            "redis.write.count",
            "5");
    deliver(sink, ofTenPartitions(0, 1)); // their stored offsets are known from now on
    roundTrips.set(0);

    deliver(sink, ofTenPartitions(1, 11));

    assertThat(appended()).hasSize(110);
    assertThat(roundTrips).hasValue(2);
  }

  private static List<SinkRecord> ofTenPartitions(int from, int to) {
    return IntStream.range(1, 11)
        .boxed()
        .flatMap(partition -> records("claims", partition, from, to).stream())
        .toList();
  }

  @Test
  void partitionsForWhichThereIsNoRoomComeNextAndInOrder() {
    List<SinkRecord> batch = new ArrayList<>();
    for (int partition = 0; partition < 3; partition++) {
      for (int offset = 0; offset < 70; offset++) {
        boolean isTooLarge = partition == 1 && offset == 35;
        String large = "claims-" + partition + '@' + offset + ' ' + "x".repeat(10_000);
        batch.add(record("claims", partition, offset, isTooLarge ? fields(3_901) : large));
      }
    }

    deliver(sink("errors.tolerance", "all"), batch);

    for (int partition = 0; partition < 3; partition++) {
      String name = "claims-" + partition;
      List<String> expected = new ArrayList<>(values(name, 0, 70));
      expected.removeIf(value -> value.equals("claims-1@35"));
      assertThat(appended())
          .extracting(value -> value.split(" ", -1)[0])
          .filteredOn(value -> value.startsWith(name))
          .isEqualTo(expected);
    }
    assertThat(context.reported).hasSize(1);
  }

  @Test
  void badRecordOfOnePartitionLeavesTheOthersAlone() {
    List<SinkRecord> batch = new ArrayList<>(records("claims", 0, 0, 20));
    batch.add(record("claims", 1, 0, fields(3_901)));
    batch.addAll(records("claims", 1, 1, 20));
    batch.addAll(records("claims", 2, 0, 20));

    deliver(sink("errors.tolerance", "all", "redis.write.count", "5"), batch);

    for (int partition = 0; partition < 3; partition++) {
      String name = "claims-" + partition;
      assertThat(appended())
          .filteredOn(value -> value.startsWith(name))
          .isEqualTo(values(name, partition == 1 ? 1 : 0, 20));
    }
    assertThat(context.reported).hasSize(1);
  }

  @Test
  void recordAboveTheServersLargestValueIsBadAndItsNeighboursAreAppended() {
    call("CONFIG", "SET", "proto-max-bulk-len", "1048576");
    try {
      List<SinkRecord> batch = new ArrayList<>(records("claims", 0, 0, 200));
      batch.set(130, record("claims", 0, 130, "x".repeat(2_000_000)));

      deliver(sink("errors.tolerance", "all"), batch, () -> clock.advance(Duration.ofMinutes(1)));

      List<String> expected = new ArrayList<>(values("claims-0", 0, 200));
      expected.remove(130);
      assertThat(appended()).isEqualTo(expected);
      assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(130L);
    } finally {
      call("CONFIG", "SET", "proto-max-bulk-len", "536870912");
    }
  }

  @Test
  void keyOfAnotherTypeFailsTheTaskAndLosesNothing() {
    call("SET", STREAM, "text");
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, records("claims", 0, 0, 2)))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll("WRONGTYPE", STREAM, "redis.stream");

    call("DEL", STREAM);
    deliver(sink(), records("claims", 0, 0, 2));
    assertThat(appended()).isEqualTo(values("claims-0", 0, 2));
  }

  @Test
  void positionsThatCannotBeWrittenFailTheTaskBeforeAnythingIsAppended() {
    call("ACL", "SETUSER", "writer", "on", ">secret", "~*", "+@all", "-hset");
    RunningSink sink =
        sink(
            RedisConnections.of(
                config("redis.username", "writer", "redis.password", "secret").redis()));

    assertThatThrownBy(() -> deliver(sink, records("claims", 0, 0, 2)))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContaining(OFFSETS);

    call("ACL", "DELUSER", "writer");
    assertThat(appended()).isEmpty();
  }

  @Test
  void positionsOfAnotherTypeFailTheTaskBeforeAnythingIsAppended() {
    call("HSET", OFFSETS, "claims-0", "twelve");
    RunningSink sink = sink();

    assertThatThrownBy(() -> deliver(sink, records("claims", 0, 0, 2)))
        .hasMessageContainingAll("claims-0", OFFSETS);

    assertThat(appended()).isEmpty();
  }

  @Test
  void recreatedTopicIsDetectedAndAppendedOnceItsOffsetsAreReset() {
    deliver(sink(), records("claims", 0, 0, 100));
    List<SinkRecord> recreated =
        List.of(
            record("claims", 0, 0, "new-0", CREATED + 1_000_000),
            record("claims", 0, 1, "new-1", CREATED + 1_000_001));

    assertThatThrownBy(() -> deliver(sink(), recreated))
        .isInstanceOf(ConnectException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasMessageContainingAll("claims-0@0", OFFSETS, "recreated", "PATCH");
    assertThat(appended()).hasSize(100);

    alterOffsets("claims", 0, 0L);
    deliver(sink(), recreated);

    assertThat(appended()).endsWith("new-0", "new-1").hasSize(102);
  }

  @Test
  void recreatedTopicIsDetectedThoughItsLaterRecordsLieAboveThePosition() {
    // given a position that is where the first call of a round ends
    deliver(sink(), records("claims", 0, 0, 100));
    List<SinkRecord> recreated =
        IntStream.range(0, 300)
            .mapToObj(i -> record("claims", 0, i, "new-" + i, CREATED + 1_000_000 + i))
            .toList();

    assertThatThrownBy(() -> deliver(sink(), recreated)).hasMessageContaining("recreated");

    assertThat(appended()).isEqualTo(values("claims-0", 0, 100));
  }

  @Test
  void refusedRecordHoldsUpTheCallsThatWereSentAfterIt() {
    List<SinkRecord> batch = new ArrayList<>(records("claims", 0, 0, 400));
    batch.set(150, record("claims", 0, 150, fields(3_901)));

    deliver(sink("errors.tolerance", "all"), batch);

    List<String> expected = new ArrayList<>(values("claims-0", 0, 150));
    expected.addAll(values("claims-0", 151, 400));
    assertThat(appended()).isEqualTo(expected);
    assertThat(context.reported).extracting(SinkRecord::kafkaOffset).containsExactly(150L);
  }

  @Test
  void replayThatWasAskedForReallyReplays() {
    deliver(sink(), records("claims", 0, 0, 10));

    alterOffsets("claims", 0, 4L);
    deliver(sink(), records("claims", 0, 4, 10));

    assertThat(appended()).hasSize(16).endsWith("claims-0@9");
  }

  @Test
  void offsetCanBeMovedThoughThePartitionsFirstRecordWasRefused() {
    call("SET", STREAM, "text");
    RunningSink sink = sink();
    assertThatThrownBy(() -> deliver(sink, records("claims", 0, 0, 2)))
        .hasMessageContaining("WRONGTYPE");
    call("DEL", STREAM);

    alterOffsets("claims", 0, 1L);
    deliver(sink(), records("claims", 0, 1, 2));

    assertThat(appended()).containsExactly("claims-0@1");
  }

  @Test
  void resetForgetsThePosition() {
    deliver(sink(), records("claims", 0, 0, 3));

    alterOffsets("claims", 0, null);
    deliver(sink(), records("claims", 0, 0, 3));

    assertThat(appended()).hasSize(6);
  }

  @Test
  void skipThatWasAskedForReallySkipsAndIsNotTakenForALoss() {
    deliver(sink(), records("claims", 0, 0, 3));

    alterOffsets("claims", 0, 100L);
    deliver(sink(), records("claims", 0, 100, 103));

    assertThat(appended())
        .containsExactly(
            "claims-0@0",
            "claims-0@1",
            "claims-0@2",
            "claims-0@100",
            "claims-0@101",
            "claims-0@102");
    assertThat(context.rewinds).isEmpty();
  }

  @Test
  void resetOfAGroupWhoseOffsetsKafkaDroppedForgetsAllStoredOffsets() {
    deliver(sink(), records("claims", 0, 0, 3));
    deliver(sink(), records("payments", 0, 0, 3));

    assertThat(new RedisStreamSinkConnector().alterOffsets(properties(), Map.of())).isTrue();

    assertThat(call("EXISTS", OFFSETS)).isEqualTo(0L);
    deliver(sink(), records("claims", 0, 0, 3));
    assertThat(appended()).hasSize(9);
  }

  @Test
  void resetWithoutOffsetsNamesTheWayOnWhereTheStreamsAreUnknown() {
    Map<String, String> properties =
        properties("topics", "", "topics.regex", "cl.*s", "redis.stream", "s:${topic}");

    assertThatThrownBy(() -> new RedisStreamSinkConnector().alterOffsets(properties, Map.of()))
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll("topics.regex", "s:${topic}", "PATCH");
  }

  @Test
  void offsetsAreSetWithAtLeastOnceDeliveryToo() {
    deliver(sink(), records("claims", 0, 0, 3));
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 1L);

    new RedisStreamSinkConnector()
        .alterOffsets(properties("redis.delivery", "at-least-once"), offsets);

    assertThat(stored("claims-0")).startsWith("0 ").endsWith(" -1");
  }

  @Test
  void offsetsThatAtLeastOnceDeliveryLeavesBehindAreDeletedSoThatAChangeBackRepeatsNothing() {
    deliver(sink(), records("claims", 0, 0, 3));
    deliver(sink("redis.delivery", "at-least-once"), records("claims", 0, 3, 6));

    deliver(sink(), records("claims", 0, 6, 9));

    assertThat(appended()).isEqualTo(values("claims-0", 0, 9));
    assertThat(context.rewinds).isEmpty();
  }

  @Test
  void offsetOfATopicThatIsNotConsumedIsRefused() {
    assertThatThrownBy(() -> alterOffsets("cliams", 0, 4L))
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll("kafka_topic cliams", "topics");

    alterOffsets("cliams", 0, null);
  }

  @Test
  void offsetOfATopicThatTheRegexTakesInIsTaken() {
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 1L);
    Map<String, String> properties = properties("topics", "", "topics.regex", "cl.*s");
    deliver(sink(), records("claims", 0, 0, 2));

    assertThat(new RedisStreamSinkConnector().alterOffsets(properties, offsets)).isTrue();
    deliver(sink(), records("claims", 0, 1, 2));

    assertThat(appended()).hasSize(3);
  }

  @Test
  void negativeOffsetIsRefusedBeforeAnyPositionMoves() {
    deliver(sink(), records("claims", 0, 0, 3));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 0L);
    offsets.put(new TopicPartition("claims", 1), -1L);

    assertThatThrownBy(() -> new RedisStreamSinkConnector().alterOffsets(properties(), offsets))
        .isInstanceOf(ConnectException.class)
        .hasMessageContainingAll("claims-1", "kafka_offset");

    deliver(sink(), records("claims", 0, 0, 3));
    assertThat(appended()).hasSize(3);
  }

  @Test
  void streamIsTrimmed() {
    deliver(
        sink("redis.stream.max.length", "100", "redis.write.count", "100"),
        records("claims", 0, 0, 1000));

    assertThat(appended()).hasSizeLessThan(300).endsWith("claims-0@999");
  }

  @Test
  void userWithTheDocumentedRightsCanDoEverythingTheSinkDoes() throws IOException {
    // given
    call("ACL", documentedAclLine());
    String[] user = {
      "redis.username", "claims-sink",
      "redis.password", "password",
      "errors.tolerance", "all",
      "redis.stream.max.length", "1000",
      "redis.stream.retention.ms", "1000000000000",
    };
    Map<String, String> properties = properties(user);
    RedisStreamSinkConfig config = config(user);
    call("SCRIPT", "FLUSH");

    // when
    List<ConfigValue> validated =
        new RedisStreamSinkConnector().validate(properties).configValues();
    RunningSink sink = sink(RedisConnections.of(config.redis()), user);
    deliver(sink, records("claims", 0, 0, 3));
    deliver(sink, List.of(record("claims", 0, 3, fields(3_901))));
    deliver(sink, records("claims", 0, 4, 6));
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition("claims", 0), 5L);
    new RedisStreamSinkConnector().alterOffsets(properties, offsets);
    offsets.put(new TopicPartition("claims", 0), null);
    new RedisStreamSinkConnector().alterOffsets(properties, offsets);

    // then
    assertThat(validated).flatExtracting(ConfigValue::errorMessages).isEmpty();
    List<String> expected = new ArrayList<>(values("claims-0", 0, 6));
    expected.remove(3);
    assertThat(appended()).isEqualTo(expected);
    assertThat(call("XLEN", "claims:failed")).isEqualTo(1L);
  }

  @Test
  void userWithoutTheRightToInfoIsRefusedOnce() {
    call("ACL", "SETUSER", "writer", "on", ">secret", "~*", "+@all", "-info");
    call("CONFIG", "RESETSTAT");
    RunningSink sink =
        sink(
            RedisConnections.of(
                config("redis.username", "writer", "redis.password", "secret").redis()));

    deliver(sink, records("claims", 0, 0, 3));
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofSeconds(6));
      comeBack(sink);
    }

    call("ACL", "DELUSER", "writer");
    assertThat(Replies.text(call("INFO", "errorstats"))).contains("errorstat_NOPERM:count=1");
  }

  /** The arguments after ACL. */
  private static Object[] documentedAclLine() throws IOException {
    String start = "ACL ";
    return Files.readAllLines(Path.of("../docs/how-to/acl.md")).stream()
        .filter(line -> line.startsWith(start + "SETUSER claims-sink "))
        .findFirst()
        .orElseThrow()
        .substring(start.length())
        .split(" ", -1);
  }

  @Test
  void wrongPasswordIsFoundByValidation() {
    Map<String, String> properties =
        properties("redis.username", "default", "redis.password", "wrong");
    call("ACL", "SETUSER", "default", ">right");
    try {
      assertThat(new RedisStreamSinkConnector().validate(properties).configValues())
          .filteredOn(value -> !value.errorMessages().isEmpty())
          .extracting(ConfigValue::name)
          .containsExactly("redis.password");
    } finally {
      try (RedisConnection connection =
          RedisConnections.of(config("redis.password", "right").redis()).open("")) {
        connection.call(Command.of("ACL", "SETUSER", "default", "nopass"));
      }
    }
  }

  @Test
  void rightConfigurationPassesValidation() {
    assertThat(new RedisStreamSinkConnector().validate(properties()).configValues())
        .allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
  }

  private static void alterOffsets(String topic, int partition, @Nullable Long next) {
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    offsets.put(new TopicPartition(topic, partition), next);
    assertThat(new RedisStreamSinkConnector().alterOffsets(properties(), offsets)).isTrue();
  }

  private RunningSink sink(String... settings) {
    return sink(redis.connections(), settings);
  }

  private RunningSink sink(RedisConnections connections, String... settings) {
    return FakeWorker.assigned(
        new RunningSink(config(settings), connections, context, UnpublishedMetrics.task(), clock),
        "claims",
        "payments");
  }

  private static RedisStreamSinkConfig config(String... settings) {
    return new RedisStreamSinkConfig(properties(settings));
  }

  private static Map<String, String> properties(String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "analytics");
    properties.put("topics", "payments, claims");
    properties.put("redis.uri", redis.uri());
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return properties;
  }

  private static @Nullable String stored(String partition) {
    return Replies.text(call("HGET", OFFSETS, partition));
  }

  private static List<StreamEntry> entries() {
    return Replies.entries(call("XRANGE", STREAM, "-", "+"));
  }

  private static List<String> appended() {
    return entries().stream()
        .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
        .toList();
  }

  private static List<String> values(String partition, int from, int to) {
    return IntStream.range(from, to).mapToObj(offset -> partition + '@' + offset).toList();
  }

  private static List<SinkRecord> records(String topic, int partition, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> record(topic, partition, i, topic + '-' + partition + '@' + i))
        .toList();
  }

  private static Map<String, String> fields(int count) {
    Map<String, String> fields = new TreeMap<>();
    IntStream.range(0, count).forEach(i -> fields.put("f" + i, "v"));
    return fields;
  }

  private static SinkRecord record(String topic, int partition, long offset, Object value) {
    return record(topic, partition, offset, value, CREATED + offset);
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(
      String topic, int partition, long offset, Object value, long timestamp) {
    return new SinkRecord(
        topic, partition, null, null, null, value, offset, timestamp, TimestampType.CREATE_TIME);
  }

  private record Counted(RedisConnection real, AtomicInteger roundTrips)
      implements RedisConnection {
    @Override
    public void send(List<Command> commands) {
      roundTrips.incrementAndGet();
      real.send(commands);
    }

    @Override
    public List<@Nullable Object> receive(int replies, Duration patience) {
      return real.receive(replies, patience);
    }

    @Override
    public String address() {
      return real.address();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  /** Loses one connection in three: before the commands reach the server, or before the replies. */
  private record Flaky(RedisConnections real, Random random) implements RedisConnections {
    @Override
    public RedisConnection open(String key) {
      return new FlakyConnection(real.open(key), random);
    }
  }

  private record FlakyConnection(RedisConnection real, Random random) implements RedisConnection {
    @Override
    public void send(List<Command> commands) {
      maybeLose();
      real.send(commands);
    }

    @Override
    public List<@Nullable Object> receive(int replies, Duration patience) {
      List<@Nullable Object> received = real.receive(replies, patience);
      maybeLose();
      return received;
    }

    private void maybeLose() {
      if (random.nextInt(6) == 0) {
        throw new RedisOutageException("connection lost", null);
      }
    }

    @Override
    public String address() {
      return real.address();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
