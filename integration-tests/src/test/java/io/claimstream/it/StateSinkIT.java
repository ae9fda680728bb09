/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Read models: after kills and a replay, each key has the state of its last record, by a fold of
 * the topic that has nothing in common with the sink. {@code -Pchaos} makes it longer.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class StateSinkIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final int RECORDS = Integer.getInteger("chaos.sink.records", 20_000);
  private static final int KEYS = RECORDS / 2;
  private static final int KILLS = Integer.getInteger("chaos.sink.kills", 2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final String prefix = Stack.unique("claim");

  StateSinkIT(Stack stack) {
    super(stack, PARTITIONS);
  }

  @Test
  void eachKeyHasItsLastStateThoughWorkersAreKilledAndOffsetsAreReplayed() {
    // given
    System.out.printf("state sink, %d kills: -Dtest.seed=%d%n", KILLS, seed);
    post(SMALL_BATCHES);
    int share = RECORDS / (KILLS + 1);

    // when
    for (int kill = 0; kill < KILLS; kill++) {
      int from = kill * share;
      CompletableFuture<Void> load = load(from, from + share);
      pauseUpTo(2_500);
      killTheWorker();
      load.join();
    }
    load(KILLS * share, RECORDS).join();
    awaitCommitted();
    assertEachKeyHasItsLastState(KILLS + " kills, seed " + seed);

    // and when a part is replayed, and the worker is killed once more meanwhile
    stack.connect().stop(connector);
    awaitState("STOPPED");
    replay(0, 0);
    replay(1, RECORDS / PARTITIONS / 2);
    stack.connect().resume(connector);
    stack.connect().awaitRunning(connector, PATIENCE);
    pauseUpTo(1_000);
    killTheWorker();
    awaitCommitted();

    // then
    assertEachKeyHasItsLastState(KILLS + " kills and a replay, seed " + seed);
  }

  @Test
  void aFrozenWorkerThatWakesUpTakesNoKeyBack() {
    // given two workers that share the tasks
    System.out.printf("state sink, frozen worker: -Dtest.seed=%d%n", seed);
    post(SMALL_BATCHES);
    try (ConnectWorker second = stack.worker(Map.of())) {
      awaitTasksOnBoth(second);

      // when one is frozen in the middle of its work, and the other takes over
      CompletableFuture<Void> load = load(0, RECORDS / 2);
      awaitKeys(1);
      second.pause();
      try {
        load.join();
        awaitCommitted();
      } finally {
        second.resume();
      }

      // and it wakes up with older records in its hands
      load(RECORDS / 2, RECORDS).join();
      awaitCommitted();
    }

    // then
    assertEachKeyHasItsLastState("a worker was frozen, seed " + seed);
  }

  @Test
  void aFailoverToALaggingReplicaLeavesEachKeyAtItsLastState() {
    // given a replica that lags
    System.out.printf("state sink, failover: -Dtest.seed=%d%n", seed);
    ReplicatedRedis servers =
        use(new ReplicatedRedis(stack.directory(Stack.unique("forgetful-sentinel"))));
    post(SMALL_BATCHES);
    load(0, RECORDS / 4).join();
    awaitCommitted();
    servers.cutReplication();
    load(RECORDS / 4, RECORDS / 2).join();
    awaitCommitted();
    CompletableFuture<Void> load = load(RECORDS / 2, RECORDS * 3 / 4);

    // when
    servers.failOver();

    // then a partition's further records are written after those that Redis forgot
    load.join();
    load(RECORDS * 3 / 4, RECORDS).join();
    awaitCommitted();
    assertEachKeyHasItsLastState("Redis forgot a quarter of the records, seed " + seed);
    assertThat(stack.log(" WARN ", "has lost acknowledged writes of " + topic.name())).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hash", "json-string"})
  void keysAreNamedByFieldsAndBadRecordsAreDeadLettered(String type) throws Exception {
    // given
    Topic deadLetters = stack.topic(topic.name() + ".failed");
    post("redis.key", prefix + ":${field:region}:${key}", "redis.type", type);

    // when
    topic.produce("1", json("{\"region\":\"eu\",\"n\":1,\"none\":null}"));
    topic.produce("2", json("{\"n\":2}"));
    topic.produce("1", json("{\"region\":\"eu\",\"n\":3}"));

    // then
    deadLetters.await(1);
    awaitCommitted();
    try (Redis redis = redis()) {
      String key = prefix + ":eu:1";
      if (type.equals("hash")) {
        assertThat(hash(redis, key)).isEqualTo(Map.of("region", "eu", "n", "3"));
      } else {
        assertThat(JSON.readTree(Replies.text(redis.call("GET", key))))
            .isEqualTo(JSON.readTree("{\"region\":\"eu\",\"n\":3}"));
      }
      assertThat(redis.entries(stream + ":failed"))
          .singleElement()
          .satisfies(
              entry ->
                  assertThat(Redis.fields(entry).get("error_message")).contains("field 'region'"));
    }
  }

  private void post(String... settings) {
    Map<String, String> config = new HashMap<>(servers());
    config.put("topics", topic.name());
    config.put("redis.key", prefix + ":${key}");
    config.put("redis.failed.stream", stream + ":failed");
    config.put("consumer.override.group.id", connector);
    config.putAll(Deviation.of(Deviation.Server.SINK_OF_TESTS));
    config.put("errors.deadletterqueue.topic.name", topic.name() + ".failed");
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("value.converter.schemas.enable", "false");
    for (int i = 0; i < settings.length; i += 2) {
      config.put(settings[i], settings[i + 1]);
    }
    stack.run(connector, stack.example("claims-snapshots-sink.json", config));
  }

  private void awaitKeys(int count) {
    await().atMost(PATIENCE).until(() -> keys().size() >= count);
  }

  private Set<String> keys() {
    Set<String> keys = new HashSet<>();
    try (Redis redis = redis()) {
      Replies.list(redis.call("KEYS", prefix + ":*"))
          .forEach(key -> keys.add(String.valueOf(Replies.text(key))));
    }
    return keys;
  }

  private void killTheWorker() {
    stack.servers().connect().kill();
    stack.servers().connect().restart();
    stack.connect().awaitRunning(connector, PATIENCE);
  }

  private void replay(int partition, long next) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode entry = body.putArray("offsets").addObject();
    entry.putObject("partition").put("kafka_topic", topic.name()).put("kafka_partition", partition);
    entry.putObject("offset").put("kafka_offset", next);
    await()
        .atMost(PATIENCE) // until the tasks have left the group
        .until(
            () ->
                stack
                    .connect()
                    .request("PATCH", "/connectors/" + connector + "/offsets", body)
                    .isSuccess());
  }

  /** Writes states and tombstones in the background, slowly enough to be met half way. */
  private CompletableFuture<Void> load(int from, int to) {
    int step = 200;
    return CompletableFuture.runAsync(
        () -> {
          for (int next = from; next < to; next += step) {
            List<Map.Entry<String, byte @Nullable []>> records = new ArrayList<>();
            for (int n = next; n < Math.min(to, next + step); n++) {
              records.add(state(n));
            }
            topic.produceKeyed(records);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
          }
        });
  }

  /** A record of one of the keys: each key has at least one, most have a few, some are deleted. */
  private Map.Entry<String, byte @Nullable []> state(int n) {
    String key = "CLM-" + (n % 2 == 0 ? n / 2 : random.nextInt(KEYS));
    if (random.nextInt(6) == 0) {
      return new SimpleEntry<>(key, null);
    }
    // fields come and go
    String field = "\"f" + random.nextInt(3) + "\":" + (random.nextInt(5) == 0 ? null : "\"x\"");
    return new SimpleEntry<>(key, json("{\"n\":" + n + "," + field + "}"));
  }

  /** Prints what differs from a fold of the topic, and fails if anything does. */
  private void assertEachKeyHasItsLastState(String what) {
    Map<String, Map<String, String>> expected = new HashMap<>();
    Set<String> keys = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : topic.await(RECORDS)) {
      String key = prefix + ":" + new String(record.key(), StandardCharsets.UTF_8);
      keys.add(key);
      if (record.value() == null) {
        expected.remove(key);
      } else {
        expected.put(key, fields(record.value()));
      }
    }
    List<String> wrong = new ArrayList<>();
    Set<String> actual = keys();
    try (Redis redis = redis()) {
      expected.forEach(
          (key, state) -> {
            if (!hash(redis, key).equals(state)) {
              wrong.add(key);
            }
          });
    }
    System.out.printf(
        "state sink, %s: %d records, %d keys, %d deleted, %d differ, %d too many%n",
        what,
        RECORDS,
        keys.size(),
        keys.size() - expected.size(),
        wrong.size(),
        actual.size() - expected.size());
    assertThat(keys).hasSize(KEYS);
    assertThat(wrong).as(what).isEmpty();
    assertThat(actual).as(what).isEqualTo(expected.keySet());
  }

  private static Map<String, String> fields(byte[] value) {
    Map<String, String> fields = new HashMap<>();
    try {
      for (Map.Entry<String, JsonNode> field :
          JSON.readTree(new String(value, StandardCharsets.UTF_8)).properties()) {
        if (!field.getValue().isNull()) {
          fields.put(field.getKey(), field.getValue().asText());
        }
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
    return fields;
  }

  private static Map<String, String> hash(Redis redis, String key) {
    List<@Nullable Object> flat = Replies.list(redis.call("HGETALL", key));
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      fields.put(
          String.valueOf(Replies.text(flat.get(i))), String.valueOf(Replies.text(flat.get(i + 1))));
    }
    return fields;
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private void pauseUpTo(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(millis)).toNanos());
  }
}
