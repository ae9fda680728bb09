/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static io.claimstream.connect.sink.FakeWorker.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.server.RedisServer;
import io.claimstream.connect.sink.state.RedisStateSinkConnector;
import io.claimstream.connect.sink.state.StateSinks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Cluster of three masters: many partitions, and a stream for each topic. */
class ClusterIT {
  private static final int SLOTS = 16_384;
  private static final int PARTITIONS = 5;
  private static final List<String> TOPICS = List.of("a", "b", "c", "d", "e", "f", "g", "h");

  private static final List<RedisServer> MASTERS = new ArrayList<>();

  private final FakeSinkContext context = new FakeSinkContext();
  private final FakeClock clock = new FakeClock();

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      MASTERS.add(RedisServer.startNode());
    }
    for (int i = 0; i < 3; i++) {
      call(i, "CONFIG", "SET", "cluster-announce-ip", "127.0.0.1");
      call(i, "CLUSTER", "ADDSLOTSRANGE", i * SLOTS / 3, (i + 1) * SLOTS / 3 - 1);
      call(i, "CLUSTER", "MEET", "127.0.0.1", MASTERS.get(0).port(), MASTERS.get(0).busPort());
    }
    Awaitility.await("all masters know all slots")
        .atMost(Duration.ofSeconds(60))
        .until(() -> IntStream.range(0, 3).allMatch(ClusterIT::isComplete));
  }

  private static boolean isComplete(int master) {
    String info = String.valueOf(Replies.text(call(master, "CLUSTER", "INFO")));
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SLOTS);
  }

  @AfterAll
  static void stop() {
    MASTERS.forEach(RedisServer::close);
  }

  @BeforeEach
  void clear() {
    for (int i = 0; i < 3; i++) {
      call(i, "FLUSHALL");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void everyTopicHasItsStreamOnWhicheverMasterThatIs(String delivery) {
    RunningSink sink = sink("redis.delivery", delivery, "redis.stream.max.length", "1000");

    deliver(sink, records(0, 20));
    deliver(sink, records(20, 40));

    Set<Integer> used = new TreeSet<>();
    for (String topic : TOPICS) {
      for (int master = 0; master < 3; master++) {
        List<String> keys = keys(master, "*" + "out:" + topic + "*");
        if (!keys.isEmpty()) {
          used.add(master);
          assertThat(keys)
              .hasSize(delivery.equals("exactly-once") ? 2 : 1)
              .contains("out:" + topic);
        }
      }
      assertEachOnceAndInOrder(topic, 40);
    }
    assertThat(used).as("masters in use").hasSize(3);
  }

  @Test
  void repeatedBatchIsSkippedOnEveryMaster() {
    deliver(sink(), records(0, 20));

    deliver(sink(), records(0, 30));

    TOPICS.forEach(topic -> assertEachOnceAndInOrder(topic, 30));
  }

  @Test
  void aReadModelIsOnOneMasterTogetherWithItsOffsets() {
    // given
    Map<String, String> properties = properties("redis.key", "{claims}:claim:${key}");
    properties.remove("redis.stream");

    // when
    List<SinkRecord> records = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      // a key may contain braces: the template's hash tag comes first
      records.add(keyed(i, i % 5 + "{" + i % 5 + "}", i % 5 == 4 ? null : i));
    }
    deliver(FakeWorker.assigned(StateSinks.running(properties, context, clock), "a"), records);
    deliver(
        FakeWorker.assigned(StateSinks.running(properties, context, clock), "a"),
        records.subList(0, 20));

    // then
    List<List<String>> keys =
        IntStream.range(0, 3)
            .mapToObj(master -> keys(master, "*{claims}*").stream().sorted().toList())
            .filter(some -> !some.isEmpty())
            .toList();
    assertThat(keys)
        .containsExactly(
            List.of(
                "claimstream:v1:offsets:{claims}:%7Bclaims%7D%3Aclaim%3A:analytics",
                "{claims}:claim:0{0}",
                "{claims}:claim:1{1}",
                "{claims}:claim:2{2}",
                "{claims}:claim:3{3}"));
    assertThat(new RedisStateSinkConnector().validate(properties).configValues())
        .flatExtracting(ConfigValue::errorMessages)
        .isEmpty();
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord keyed(long offset, String key, @Nullable Integer value) {
    return new SinkRecord("a", 0, null, key, null, value, offset);
  }

  @Test
  void manyPartitionsShareOneStream() {
    RunningSink sink = sink("redis.stream", "claims:analytics");

    deliver(sink, records(0, 20));
    deliver(sink("redis.stream", "claims:analytics"), records(0, 20));

    assertThat(values("claims:analytics")).hasSize(TOPICS.size() * PARTITIONS * 20);
  }

  @Test
  void badRecordLeavesItsTraceOnAnotherMaster() {
    deliver(sink("errors.tolerance", "all", "redis.failed.stream", "failed"), badAmong(0, 10));

    assertThat(context.reported).hasSize(1);
    assertThat(values("failed")).hasSize(1);
    assertThat(values("out:a")).hasSize(PARTITIONS * 10);
  }

  @Test
  void slotThatMovedIsFoundAgainAndNothingIsLostOrDoubled() {
    RunningSink sink = sink();
    deliver(sink, records(0, 10));
    int slot = slot("out:a");
    int from = slot * 3 / SLOTS;
    int to = (from + 1) % 3;
    migrate(slot, from, to);

    AtomicInteger outages = new AtomicInteger();
    deliver(
        sink,
        records(10, 20),
        () -> {
          outages.incrementAndGet();
          clock.advance(Duration.ofMinutes(1));
        });

    assertThat(outages).hasPositiveValue();
    TOPICS.forEach(topic -> assertEachOnceAndInOrder(topic, 20));
    migrate(slot, to, from);
  }

  @Test
  void offsetsAreMovedOnEveryMaster() {
    deliver(sink(), records(0, 10));
    Map<TopicPartition, @Nullable Long> offsets = new HashMap<>();
    for (String topic : TOPICS) {
      offsets.put(new TopicPartition(topic, 0), 4L);
      offsets.put(new TopicPartition(topic, 1), null);
    }

    new RedisStreamSinkConnector().alterOffsets(properties(), offsets);
    deliver(sink(), records(0, 10));

    for (String topic : TOPICS) {
      assertThat(values("out:" + topic)).hasSize(PARTITIONS * 10 + 6 + 10);
    }
  }

  @Test
  void validationPasses() {
    assertThat(new RedisStreamSinkConnector().validate(properties()).configValues())
        .allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
    assertThatThrownBy(() -> sink("redis.stream", "a}b")).hasMessageContaining("redis.stream");
  }

  private static void migrate(int slot, int from, int to) {
    String source = String.valueOf(Replies.text(call(from, "CLUSTER", "MYID")));
    String target = String.valueOf(Replies.text(call(to, "CLUSTER", "MYID")));
    call(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", source);
    call(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", target);
    for (Object key : Replies.list(call(from, "CLUSTER", "GETKEYSINSLOT", slot, 100))) {
      call(
          from,
          "MIGRATE",
          "127.0.0.1",
          MASTERS.get(to).port(),
          String.valueOf(Replies.text(key)),
          0,
          5_000);
    }
    call(to, "CLUSTER", "SETSLOT", slot, "NODE", target);
    call(from, "CLUSTER", "SETSLOT", slot, "NODE", target);
  }

  private static int slot(String key) {
    Object slot = call(0, "CLUSTER", "KEYSLOT", key);
    return slot instanceof Long number ? number.intValue() : -1;
  }

  private void assertEachOnceAndInOrder(String topic, int count) {
    List<String> values = values("out:" + topic);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      String prefix = topic + '-' + partition + '@';
      assertThat(values)
          .filteredOn(value -> value.startsWith(prefix))
          .isEqualTo(IntStream.range(0, count).mapToObj(i -> prefix + i).toList());
    }
    assertThat(values).hasSize(PARTITIONS * count);
  }

  private RunningSink sink(String... settings) {
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties(settings));
    return FakeWorker.assigned(
        new RunningSink(
            config, RedisConnections.of(config.redis()), context, UnpublishedMetrics.task(), clock),
        TOPICS.toArray(String[]::new));
  }

  private static Map<String, String> properties(String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("name", "analytics");
    properties.put("topics", String.join(",", TOPICS));
    properties.put("redis.topology", "cluster");
    properties.put("redis.uri", MASTERS.get(0).uri() + "," + MASTERS.get(1).uri());
    properties.put("redis.stream", "out:${topic}");
    properties.put("redis.write.count", "7");
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return properties;
  }

  private static List<SinkRecord> records(int from, int to) {
    List<SinkRecord> records = new ArrayList<>();
    for (String topic : TOPICS) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        for (int offset = from; offset < to; offset++) {
          records.add(record(topic, partition, offset, topic + '-' + partition + '@' + offset));
        }
      }
    }
    return records;
  }

  private static List<SinkRecord> badAmong(int from, int to) {
    List<SinkRecord> records = records(from, to);
    records.add(record("b", 0, to, new Object()));
    return records;
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(String topic, int partition, long offset, Object value) {
    return new SinkRecord(topic, partition, null, null, null, value, offset);
  }

  private static List<String> values(String stream) {
    RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties());
    try (RedisConnection owner = RedisConnections.of(config.redis()).open(stream)) {
      return Replies.entries(owner.call(Command.of("XRANGE", stream, "-", "+"))).stream()
          .map(entry -> new String(entry.value(0), StandardCharsets.UTF_8))
          .toList();
    }
  }

  private static List<String> keys(int master, String pattern) {
    return Replies.list(call(master, "KEYS", pattern)).stream()
        .map(key -> String.valueOf(Replies.text(key)))
        .toList();
  }

  private static @Nullable Object call(int master, String name, Object... arguments) {
    try (RedisConnection connection = MASTERS.get(master).connect()) {
      return connection.call(Command.of(name, arguments));
    }
  }
}
