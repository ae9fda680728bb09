/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.stack.ConnectWorker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One entry per record, in the order of each partition, while servers die and workers change.
 * {@code -Pchaos} makes it longer: more records, more kills.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class SinkExactlyOnceIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final int RECORDS = Integer.getInteger("chaos.sink.records", 20_000);
  private static final int KILLS = Integer.getInteger("chaos.sink.kills", 2);

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  SinkExactlyOnceIT(Stack stack) {
    super(stack, PARTITIONS);
  }

  @Test
  void aWorkerKilledAgainAndAgainLosesAndRepeatsNothing() {
    // given
    System.out.printf("sink, worker killed %d times: -Dtest.seed=%d%n", KILLS, seed);
    start(SMALL_BATCHES);
    int share = RECORDS / (KILLS + 1);

    // when
    for (int kill = 0; kill < KILLS; kill++) {
      int from = kill * share;
      CompletableFuture<Void> load = load(from, from + share);
      arrived(from + 1);
      pauseUpTo(1_500);
      stack.servers().connect().kill();
      stack.servers().connect().restart();
      stack.connect().awaitRunning(connector, PATIENCE);
      load.join();
    }
    load(KILLS * share, RECORDS).join();

    // then
    assertEachRecordOnceAndInOrder("worker killed " + KILLS + " times, seed " + seed, RECORDS);
  }

  @Test
  void aRedisKilledWhileItIsWrittenToLosesAndRepeatsNothing() {
    // given
    System.out.printf("sink, Redis killed: -Dtest.seed=%d%n", seed);
    start(SMALL_BATCHES);
    CompletableFuture<Void> load = load(0, RECORDS);

    // when
    arrived(1);
    pauseUpTo(2_000);
    stack.servers().redis().kill();
    pauseUpTo(500);
    stack.servers().redis().restart();
    load.join();

    // then
    assertEachRecordOnceAndInOrder("Redis killed, seed " + seed, RECORDS);
    stack.connect().awaitRunning(connector, PATIENCE);
  }

  @Test
  void aSecondWorkerThatJoinsIsFrozenWakesUpAndLeavesLosesAndRepeatsNothing() {
    // given two workers that share the tasks
    start(SMALL_BATCHES);
    CompletableFuture<Void> load = load(0, RECORDS / 4);
    try (ConnectWorker second = stack.worker(Map.of())) {
      awaitTasksOnBoth(second);
      load.join();

      // when one is frozen in the middle of its work, and the other takes over
      load = load(RECORDS / 4, RECORDS / 2);
      arrived(RECORDS / 4 + 1);
      second.pause();
      try {
        load.join();
        arrived(RECORDS / 2);
        load = load(RECORDS / 2, RECORDS * 3 / 4);
        arrived(RECORDS / 2 + 1);
      } finally {
        second.resume();
      }

      // and then goes on with what it had in its hands, and leaves
      load.join();
      load = load(RECORDS * 3 / 4, RECORDS);
      arrived(RECORDS * 3 / 4 + 1);
    }
    load.join();

    // then
    assertEachRecordOnceAndInOrder("a second worker froze and left", RECORDS);
  }

  @Test
  void aBadRecordAmongTwoThousandIsReportedByItsPlaceAndTheOthersArriveOnce() {
    // given one record with more fields than the script can append, all in one batch
    int bad = 1_234;
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      values.add(i == bad ? json(manyFields()) : numbered(i));
    }
    topic.produceTo(1, values);
    Topic deadLetters = stack.topic(topic.name() + ".failed");

    // when
    start("consumer.override.max.poll.records", "2000", "redis.write.count", "500");
    List<String> arrived = numbers(arrived(1_999));

    // then
    List<String> expected = numbers(0, 2_000);
    expected.remove(bad);
    assertThat(arrived).isEqualTo(expected);
    assertThat(deadLetters.await(1))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(header(record, "__connect.errors.topic")).isEqualTo(topic.name());
              assertThat(header(record, "__connect.errors.partition")).isEqualTo("1");
              assertThat(header(record, "__connect.errors.offset")).isEqualTo("1234");
              assertThat(record.value()).isEqualTo(values.get(bad));
            });
    try (Redis redis = stack.redis()) {
      assertThat(redis.entries(stream + ":failed"))
          .singleElement()
          .satisfies(
              entry ->
                  assertThat(Redis.fields(entry))
                      .containsEntry("error_topic", topic.name())
                      .containsEntry("error_partition", "1")
                      .containsEntry("error_offset", "1234")
                      .containsEntry("error_stream", stream));
    }
  }

  @Test
  void twoSinksOnOneStreamDoNotDisturbEachOtherWhateverTransformsRename() {
    // given
    int count = 2_000;
    String renaming = Stack.unique("renaming");
    produce(0, count / 2);
    start(SMALL_BATCHES);
    startAs(
        renaming,
        "consumer.override.group.id",
        renaming,
        "transforms",
        "route",
        "transforms.route.type",
        "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.route.regex",
        ".*",
        "transforms.route.replacement",
        "renamed");

    // when both are started again in the middle, and one replays
    arrived(count / 2);
    stack.connect().restart(connector);
    stack.connect().restart(renaming);
    produce(count / 2, count);
    arrived(2 * count);
    stack.connect().stop(renaming);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                stack
                    .connect()
                    .request("DELETE", "/connectors/" + renaming + "/offsets", null)
                    .isSuccess());
    stack.connect().resume(renaming);
    arrived(3 * count);
    topic.produce("k", json("{\"n\":\"last\"}"));
    List<StreamEntry> entries = arrived(3 * count + 2);

    // then
    Map<String, Long> times =
        numbers(entries).stream().collect(Collectors.groupingBy(n -> n, Collectors.counting()));
    assertThat(times.remove("last")).isEqualTo(2);
    assertThat(times).hasSize(count).allSatisfy((n, times3) -> assertThat(times3).isEqualTo(3));
    try (Redis redis = stack.redis()) {
      Object positions = redis.call("HKEYS", "claimstream:v1:offsets:{" + stream + "}:" + renaming);
      assertThat(Replies.list(positions))
          .isNotEmpty()
          .allSatisfy(field -> assertThat(Replies.text(field)).startsWith(topic.name() + "-"));
    }
    stack.connect().delete(renaming);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static String manyFields() {
    return IntStream.range(0, 4_000)
        .mapToObj(i -> "\"f" + i + "\":1")
        .collect(Collectors.joining(",", "{", "}"));
  }

  @Test
  void badRecordsAreReportedOnceAndTheirNeighboursArriveOnce() {
    // given a record without fields, and one with more than the script can append
    List<byte[]> values = new ArrayList<>();
    values.add(numbered(0));
    values.add(json("{}"));
    values.add(numbered(1));
    values.add(numbered(2));
    values.add(json(manyFields()));
    values.add(numbered(3));
    values.forEach(value -> topic.produce("k", value));
    Topic deadLetters = stack.topic(topic.name() + ".failed");

    // when
    start();
    arrived(4);
    deadLetters.await(2);
    stack.connect().restart(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    topic.produce("k", numbered(4));

    // then
    assertThat(numbers(arrived(5))).isEqualTo(numbers(0, 5));
    assertThat(deadLetters.records()).hasSize(2);
    try (Redis redis = stack.redis()) {
      assertThat(redis.entries(stream + ":failed"))
          .extracting(entry -> Redis.fields(entry).get("error_offset"))
          .containsExactly("1", "4");
    }
  }

  /** Writes numbered records in the background, slowly enough to be met half way. */
  private CompletableFuture<Void> load(int from, int to) {
    int step = 200;
    return CompletableFuture.runAsync(
        () -> {
          for (int next = from; next < to; next += step) {
            produce(next, Math.min(to, next + step));
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
          }
        });
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private void pauseUpTo(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(millis)).toNanos());
  }
}
