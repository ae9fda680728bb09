/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.it.ClusteredRedis.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A Redis Cluster whose slots and masters change under load. The source reads one stream of each
 * master, and the sink writes what it emitted into other streams: each entry has to come out once.
 */
@ExtendWith(Stack.class)
class ClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String GROUP = "claims-processors";
  private static final int ROUNDS = Integer.getInteger("cluster.rounds", 1);

  private static ClusteredRedis cluster;

  private final Stack stack;
  private final String source = Stack.unique("source");
  private final String sink = Stack.unique("sink");
  private final List<String> streams = new ArrayList<>();
  private final String prefix = Stack.unique("claims:analytics") + ':';
  private final Map<String, ConcurrentLinkedQueue<String>> safe = new LinkedHashMap<>();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final List<CompletableFuture<Void>> load = new ArrayList<>();

  ClusterIT(Stack stack) {
    this.stack = stack;
    for (int master = 0; master < 3; master++) {
      streams.add(cluster.keyOn(master, Stack.unique("claims:events")));
    }
  }

  @BeforeAll
  static void startServers(Stack stack) {
    cluster = new ClusteredRedis(stack.directory(Stack.unique("cluster")));
  }

  @AfterAll
  static void endServers() {
    cluster.close();
  }

  @BeforeEach
  void makeTopics() {
    Map<String, Integer> topics = new HashMap<>();
    streams.forEach(stream -> topics.put(topic(stream), 1));
    stack.createTopics(topics);
  }

  @AfterEach
  void endLoad() {
    enough.set(true);
    stack.connect().delete(source);
    stack.connect().delete(sink);
    load.forEach(CompletableFuture::join);
  }

  @Test
  void slotsThatMoveUnderLoadCostAndRepeatNothing() {
    // given
    startSource();
    startSink();
    startLoad();

    // when the slots of streams are moved, and are open for a while with their keys on both sides
    for (int round = 0; round < ROUNDS; round++) {
      for (String stream : List.of(streams.get(0), streams.get(1))) {
        boolean streamFirst = stream.equals(streams.get(0));
        cluster.moveSlot(stream, cluster.otherMaster(stream), streamFirst, () -> pause(700));
        String written = prefix + topic(stream);
        cluster.moveSlot(written, cluster.otherMaster(written), streamFirst, () -> pause(700));
        awaitMore();
      }
    }

    // then
    assertEachEntryOnce("slots moved");
  }

  @Test
  void mastersThatChangeUnderLoadCostAndRepeatNothing() {
    // given
    startSource();
    startSink();
    startLoad();

    for (int round = 0; round < ROUNDS; round++) {
      // when a master dies, and another one steps down
      Node killed = cluster.killMasterOf(streams.get(round % 3));
      awaitMore();
      cluster.failOver(streams.get((round + 1) % 3));
      awaitMore();
      cluster.revive(killed);
    }

    // then
    assertEachEntryOnce("masters changed");
  }

  @Test
  void deadLettersGoToAStreamOfAnotherMaster() {
    // given
    String failed = cluster.keyOn(2, Stack.unique("claims:failed"));
    List<String> ids = new ArrayList<>();
    List<String> bad = new ArrayList<>();
    String stream = streams.get(0);
    try (Redis redis = cluster.open(stream)) {
      ids.addAll(redis.addClaims(stream, 10));
      bad.add(redis.add(stream, "type", "t", "claim_id", "c", "amount", "much"));
      ids.addAll(redis.addClaims(stream, 10));
    }

    // when
    startSource("errors.tolerance", "all", "redis.failed.stream", failed);

    // then
    assertThat(idsInTopic(stream, ids.size())).containsExactlyElementsOf(ids);
    try (Redis redis = cluster.open(failed);
        Redis read = cluster.open(stream)) {
      await().atMost(PATIENCE).until(() -> read.pending(stream, GROUP) == 0);
      assertThat(redis.entries(failed))
          .extracting(entry -> Redis.fields(entry).get("error_id"))
          .containsExactlyElementsOf(bad);
    }
  }

  @Test
  void aPatternFindsStreamsOnAllMastersWhileSlotsMove() {
    // given a stream on two of the masters
    String common = Stack.unique("claims:pattern");
    String one = cluster.keyOn(0, common + ":a");
    String two = cluster.keyOn(1, common + ":b");
    String three = cluster.keyOn(2, common + ":c");
    String target = Stack.unique("pattern");
    stack.createTopics(Map.of(target, 1));
    List<String> ids = new ArrayList<>(addedTo(one));
    ids.addAll(addedTo(two));
    Map<String, String> settings = new HashMap<>(cluster.settings());
    settings.put("redis.streams.pattern", common + ":*");
    settings.put("redis.streams.pattern.interval.ms", "1000");
    settings.put("topic", target);
    settings.put("event.format", "generic");
    settings.put("tasks.max", "2");
    json(settings);
    stack.run(source, stack.example("claims-pattern-source.json", settings));
    awaitIds(target, ids);

    // when another one is added on the third, a slot moves, and a stream is deleted
    ids.addAll(addedTo(three));
    awaitIds(target, ids);
    cluster.moveSlot(one, cluster.otherMaster(one), true, () -> pause(2_500));
    ids.addAll(addedTo(one));
    awaitIds(target, ids);
    try (Redis redis = cluster.open(two)) {
      redis.call("DEL", two);
    }

    // then it alone is let go, and stays deleted
    await().atMost(PATIENCE).until(() -> !stack.log(source, "are let go", two).isEmpty());
    assertThat(stack.log(source, "are let go")).hasSize(1);
    ids.addAll(addedTo(one));
    ids.addAll(addedTo(three));
    awaitIds(target, ids);
    try (Redis redis = cluster.open(two)) {
      assertThat(redis.call("EXISTS", two)).isEqualTo(0L);
    }
    stack.connect().awaitRunning(source, PATIENCE);
  }

  private static List<String> addedTo(String stream) {
    try (Redis redis = cluster.open(stream)) {
      return redis.addClaims(stream, 50).stream().map(id -> stream + '/' + id).toList();
    }
  }

  private void awaitIds(String target, List<String> expected) {
    assertThat(stack.topic(target).await(expected.size(), PATIENCE))
        .extracting(SourceTestBase::json)
        .extracting(value -> value.path("stream").asText() + '/' + value.path("id").asText())
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private void startSource(String... more) {
    Map<String, String> settings = new HashMap<>(cluster.settings());
    settings.put("redis.streams", String.join(",", streams));
    settings.put("redis.read.count", "200");
    settings.put("tasks.max", "2");
    json(settings);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    stack.run(source, stack.example("claims-source.json", settings));
  }

  private void startSink() {
    Map<String, String> settings = new HashMap<>(cluster.settings());
    settings.put("topics", String.join(",", streams.stream().map(ClusterIT::topic).toList()));
    settings.put("redis.stream", prefix + "${topic}");
    settings.put("tasks.max", "2");
    settings.put("consumer.override.group.id", sink);
    json(settings);
    stack.run(sink, stack.example("claims-analytics-sink.json", settings));
  }

  private static void json(Map<String, String> settings) {
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
  }

  private static String topic(String stream) {
    return stream.replace(':', '.');
  }

  /** Adds claims to each stream, and keeps the ids of those that outlive a failover. */
  private void startLoad() {
    for (String stream : streams) {
      ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
      safe.put(stream, ids);
      load.add(CompletableFuture.runAsync(() -> produce(stream, ids)));
    }
    awaitMore();
  }

  private void produce(String stream, ConcurrentLinkedQueue<String> ids) {
    while (!enough.get()) {
      try (Redis master = cluster.open(stream)) {
        while (!enough.get()) {
          List<String> added = master.addClaims(stream, 20);
          // a master that has lost its replica is not replaced any more
          if (Long.valueOf(1).equals(master.call("WAIT", 1, 200))
              || master.info("replication").contains("connected_slaves:0")) {
            ids.addAll(added);
          }
          pause(25);
        }
      } catch (RedisOutageException e) {
        pause(20);
      }
    }
  }

  /** Waits until each stream has new entries and as many as it had have gone all the way. */
  private void awaitMore() {
    safe.forEach(
        (stream, ids) -> {
          int before = ids.size();
          await().atMost(PATIENCE).until(() -> ids.size() > before + 200);
          String written = prefix + topic(stream);
          await()
              .atMost(PATIENCE)
              .ignoreExceptions() // a slot that has just moved
              .until(
                  () -> {
                    try (Redis redis = cluster.open(written)) {
                      return redis.call("XLEN", written) instanceof Long n && n > before;
                    }
                  });
        });
  }

  private void assertEachEntryOnce(String what) {
    enough.set(true);
    load.forEach(CompletableFuture::join);
    for (Map.Entry<String, ConcurrentLinkedQueue<String>> each : safe.entrySet()) {
      String stream = each.getKey();
      Set<String> expected = new HashSet<>(each.getValue());
      try (Redis redis = cluster.open(stream)) {
        redis.entries(stream).forEach(entry -> expected.add(entry.id().toString()));
        await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 0);
      }
      List<String> emitted =
          await()
              .atMost(PATIENCE)
              .until(() -> idsInTopic(stream, expected.size()), ids -> ids.containsAll(expected));
      List<String> written =
          await()
              .atMost(PATIENCE)
              .until(() -> idsInSinkOf(stream), ids -> ids.size() >= emitted.size());
      System.out.printf(
          "cluster, %s: %s: %d entries expected, %d emitted, %d written back%n",
          what, stream, expected.size(), emitted.size(), written.size());
      assertThat(emitted).doesNotHaveDuplicates();
      assertThat(written).containsExactlyElementsOf(emitted);
    }
    for (String connector : List.of(source, sink)) {
      stack.connect().awaitRunning(connector, PATIENCE);
    }
  }

  private List<String> idsInTopic(String stream, int atLeast) {
    return SourceTestBase.streamIds(stack.topic(topic(stream)).await(atLeast, PATIENCE));
  }

  private List<String> idsInSinkOf(String stream) {
    String written = prefix + topic(stream);
    List<String> ids = new ArrayList<>();
    try (Redis redis = cluster.open(written)) {
      for (StreamEntry entry : redis.entries(written)) {
        ids.add(String.valueOf(Redis.fields(entry).get("stream_id")));
      }
    }
    return ids;
  }

  /** A pace, and the time that a slot stays open: nothing to wait for. */
  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }
}
