/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.quickstart.stack.ConnectWorker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One entry per record, in the order of each partition, while servers die and workers change. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SinkExactlyOnceIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final int RECORDS = 20_000;
  private static final int KILLS = 2;
  private static final String[] SMALL_BATCHES = {
    "tasks.max", "3", "redis.write.count", "50", "consumer.override.max.poll.records", "100"
  };

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
    assertEachRecordOnceAndInOrder();
  }

  @Test
  void aRedisKilledWhileItIsWrittenToLosesAndRepeatsNothing() {
    // given a server that keeps what it acknowledged
    System.out.printf("sink, Redis killed: -Dtest.seed=%d%n", seed);
    start(SMALL_BATCHES);
    try (Redis redis = stack.redis()) {
      redis.call("CONFIG", "SET", "appendfsync", "always");
    }
    CompletableFuture<Void> load = load(0, RECORDS);

    // when
    arrived(1);
    pauseUpTo(2_000);
    stack.servers().redis().kill();
    pauseUpTo(500);
    stack.servers().redis().restart();
    load.join();

    // then
    assertEachRecordOnceAndInOrder();
    stack.connect().awaitRunning(connector, PATIENCE);
  }

  @Test
  void aSecondWorkerThatJoinsAndLeavesLosesAndRepeatsNothing() {
    // given
    start(SMALL_BATCHES);
    CompletableFuture<Void> load = load(0, RECORDS / 2);

    // when
    try (ConnectWorker second = stack.worker(Map.of())) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions() // a rebalance has no status
          .until(() -> workersWithTasks(second).size() == 2);
      load.join();
      load = load(RECORDS / 2, RECORDS);
      arrived(RECORDS / 2 + 1);
    }
    load.join();

    // then
    assertEachRecordOnceAndInOrder();
  }

  @Test
  void badRecordsAreReportedOnceAndTheirNeighboursArriveOnce() {
    // given a record without fields, and one with more than the script can append
    String manyFields =
        IntStream.range(0, 4_000)
            .mapToObj(i -> "\"f" + i + "\":1")
            .collect(Collectors.joining(",", "{", "}"));
    List<byte[]> values = new ArrayList<>();
    values.add(numbered(0));
    values.add(json("{}"));
    values.add(numbered(1));
    values.add(numbered(2));
    values.add(json(manyFields));
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

  private Set<String> workersWithTasks(ConnectWorker worker) {
    Set<String> workers = new HashSet<>();
    for (JsonNode task : worker.rest().status(connector).path("tasks")) {
      if (task.path("state").asText().equals("RUNNING")) {
        workers.add(task.path("worker_id").asText());
      }
    }
    return workers;
  }

  private void assertEachRecordOnceAndInOrder() {
    Map<Integer, List<String>> written = new TreeMap<>();
    Map<String, Integer> partitionOf = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : topic.await(RECORDS)) {
      String value = new String(record.value(), StandardCharsets.UTF_8);
      String number = value.substring(value.indexOf(':') + 1, value.indexOf('}'));
      written.computeIfAbsent(record.partition(), p -> new ArrayList<>()).add(number);
      partitionOf.put(number, record.partition());
    }
    assertThat(written).as("partitions in use").hasSize(PARTITIONS);

    Map<Integer, List<String>> arrived = new TreeMap<>();
    for (String number : numbers(arrived(RECORDS))) {
      arrived
          .computeIfAbsent(partitionOf.getOrDefault(number, -1), p -> new ArrayList<>())
          .add(number);
    }
    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(arrived.get(partition))
          .as("seed %d, partition %d", seed, partition)
          .isEqualTo(written.get(partition));
    }
    assertThat(arrived).as("seed %d", seed).isEqualTo(written);
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private void pauseUpTo(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(millis)).toNanos());
  }
}
