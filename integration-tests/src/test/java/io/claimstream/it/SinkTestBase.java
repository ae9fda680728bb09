/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A topic, stream and sink connector of a test's own; records are numbered by a field n. */
@ExtendWith(Stack.class)
abstract class SinkTestBase {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Many calls, several of them in flight, on every task. */
  static final String[] SMALL_BATCHES = {
    "tasks.max", "3", "redis.write.count", "50", "consumer.override.max.poll.records", "100"
  };

  final Stack stack;
  final String connector = Stack.unique("sink");
  final String stream = Stack.unique("claims:analytics");
  final Topic topic;
  private final int partitions;
  private @Nullable OwnRedis own;

  SinkTestBase(Stack stack, int partitions) {
    this.stack = stack;
    this.topic = stack.topic(Stack.unique("claims.analytics"));
    this.partitions = partitions;
  }

  @BeforeEach
  void makeTopic() {
    stack.createTopics(Map.of(topic.name(), partitions));
  }

  @AfterEach
  void removeConnector() {
    stack.connect().delete(connector);
    if (own != null) {
      own.close();
    }
  }

  /** Works with these servers in place of the stack's, and closes them after the test. */
  <R extends OwnRedis> R use(R redis) {
    own = redis;
    return redis;
  }

  /** A new connection to the Redis that the connector writes to. */
  Redis redis() {
    return own == null ? stack.redis() : own.open();
  }

  /** Posts the connector and waits until it runs. */
  void start(String... settings) {
    startAs(connector, settings);
  }

  /** The same under another name. */
  void startAs(String name, String... settings) {
    Map<String, String> config = settings();
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("value.converter.schemas.enable", "false");
    for (int i = 0; i < settings.length; i += 2) {
      config.put(settings[i], settings[i + 1]);
    }
    stack.run(name, stack.example("claims-analytics-sink.json", config));
  }

  /** Posts the connector with the example's own converter. */
  void startWithAvro() {
    Map<String, String> config = settings();
    stack.run(connector, stack.example("claims-analytics-sink.json", config));
  }

  /** The settings that name the test's own servers, if it has any. */
  Map<String, String> servers() {
    return own == null ? Map.of() : own.settings();
  }

  private Map<String, String> settings() {
    Map<String, String> config = new HashMap<>(servers());
    config.put("topics", topic.name());
    config.put("redis.stream", stream);
    config.put("redis.failed.stream", stream + ":failed");
    config.put("consumer.override.group.id", connector);
    config.putAll(Deviation.of(Deviation.Server.SINK_OF_TESTS));
    config.put("errors.deadletterqueue.topic.name", topic.name() + ".failed");
    return config;
  }

  /** Waits until the stack's own worker and that one have tasks of the connector. */
  void awaitTasksOnBoth(ConnectWorker second) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(() -> workersWithTasks(second).size() == 2);
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

  void awaitState(String state) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(
            () -> stack.connect().status(connector).path("connector").path("state").asText(),
            state::equals);
  }

  /** Waits until the task has failed, and returns why. */
  String awaitFailure() {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptions() // a rebalance has no status
        .until(
            () -> stack.connect().status(connector).at("/tasks/0/trace").asText(),
            trace -> !trace.isEmpty());
  }

  /** Whether the connector and all its tasks run. */
  void assertRunning() {
    JsonNode status = stack.connect().status(connector);
    assertThat(status.findValuesAsText("state")).as(status.toString()).containsOnly("RUNNING");
  }

  /** Waits until the connector has committed all that is in the topic. */
  void awaitCommitted() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", topic.bootstrapServers()))) {
      await("committed offsets")
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(committed(admin)).isEqualTo(ends(admin)));
    }
  }

  /** The offset that the connector has committed in that partition of the topic. */
  long committed(int partition) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", topic.bootstrapServers()))) {
      return committed(admin).getOrDefault(new TopicPartition(topic.name(), partition), 0L);
    }
  }

  private Map<TopicPartition, Long> committed(Admin admin) throws Exception {
    Map<TopicPartition, Long> committed = new HashMap<>();
    admin
        .listConsumerGroupOffsets(connector)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach((partition, offset) -> committed.put(partition, offset.offset()));
    committed.values().removeIf(offset -> offset == 0);
    return committed;
  }

  /** Partitions without records, of which nothing may be committed, are left out. */
  private Map<TopicPartition, Long> ends(Admin admin) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      latest.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin.listOffsets(latest).all().get().forEach((at, end) -> ends.put(at, end.offset()));
    ends.values().removeIf(end -> end == 0);
    return ends;
  }

  static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] numbered(int n) {
    return json("{\"n\":" + n + "}");
  }

  /** Writes records numbered so, in that order within each partition. */
  void produce(int from, int to) {
    topic.produce(IntStream.range(from, to).mapToObj(SinkTestBase::numbered).toList());
  }

  /** Waits until the stream holds at least that many entries, and returns all it holds then. */
  List<StreamEntry> arrived(int count) {
    await("entries in stream " + stream)
        .atMost(PATIENCE)
        .ignoreExceptions() // Redis may be down
        .untilAsserted(
            () -> {
              try (Redis redis = redis()) {
                assertThat((Long) redis.call("XLEN", stream)).isGreaterThanOrEqualTo(count);
              }
            });
    try (Redis redis = redis()) {
      return redis.entries(stream);
    }
  }

  static List<String> numbers(List<StreamEntry> entries) {
    return entries.stream().map(entry -> Redis.fields(entry).getOrDefault("n", "none")).toList();
  }

  static List<String> numbers(int from, int to) {
    return new ArrayList<>(IntStream.range(from, to).mapToObj(String::valueOf).toList());
  }

  /**
   * Prints what was lost, doubled and put out of order, and fails if anything was.
   *
   * @param records how many the topic holds, each numbered
   */
  void assertEachRecordOnceAndInOrder(String what, int records) {
    Map<Integer, List<String>> written = new TreeMap<>();
    Map<String, Integer> partitionOf = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : topic.await(records)) {
      String value = new String(record.value(), StandardCharsets.UTF_8);
      String number = value.substring(value.indexOf(':') + 1, value.indexOf('}'));
      written.computeIfAbsent(record.partition(), p -> new ArrayList<>()).add(number);
      partitionOf.put(number, record.partition());
    }
    assertThat(written).as("partitions in use").hasSize(partitions);

    List<String> numbers = numbers(arrived(records));
    Map<Integer, List<String>> arrived = new TreeMap<>();
    for (String number : numbers) {
      arrived
          .computeIfAbsent(partitionOf.getOrDefault(number, -1), p -> new ArrayList<>())
          .add(number);
    }
    Set<String> lost = new HashSet<>(partitionOf.keySet());
    lost.removeAll(new HashSet<>(numbers));
    long outOfOrder = arrived.values().stream().mapToLong(SinkTestBase::descents).sum();
    System.out.printf(
        "sink, %s: %d records, %d lost, %d duplicated, %d out of order%n",
        what, records, lost.size(), numbers.size() - new HashSet<>(numbers).size(), outOfOrder);
    for (int partition = 0; partition < partitions; partition++) {
      assertThat(arrived.get(partition))
          .as("%s, partition %d", what, partition)
          .isEqualTo(written.get(partition));
    }
    assertThat(arrived).as(what).isEqualTo(written);
  }

  /** How often a number is lower than the one before it. */
  private static long descents(List<String> numbers) {
    return IntStream.range(1, numbers.size())
        .filter(i -> Integer.parseInt(numbers.get(i)) < Integer.parseInt(numbers.get(i - 1)))
        .count();
  }
}
