/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the connectors do when the sentinels replace a dead master by its replica. */
class SentinelIT extends SourceTestBase {
  /** Far above what a task sends that waits for entries, far below what a hot loop does. */
  private static final long FEW = 100;

  private final ReplicatedRedis servers;

  SentinelIT(Stack stack) {
    super(stack);
    this.servers = new ReplicatedRedis(stack.directory(Stack.unique("sentinel")));
  }

  @AfterEach
  void endServers() {
    stack.connect().delete(connector);
    servers.close();
  }

  @Test
  void aMasterKilledUnderLoadCostsAndRepeatsNothing() {
    // given
    startOnSentinels();
    ConcurrentLinkedQueue<String> safe = new ConcurrentLinkedQueue<>();
    AtomicBoolean enough = new AtomicBoolean();
    CompletableFuture<Void> load = CompletableFuture.runAsync(() -> produce(safe, enough));
    topic.await(2_000);

    // when
    servers.failOver();
    int before = safe.size();
    await().atMost(PATIENCE).until(() -> safe.size() > before + 2_000);
    enough.set(true);
    load.join();

    // then all that the new master has, and what was on both masters, is in Kafka once
    try (Redis now = servers.open()) {
      Set<String> expected = new HashSet<>(safe);
      for (StreamEntry entry : now.entries(stream)) {
        expected.add(entry.id().toString());
      }
      List<String> arrived =
          await()
              .atMost(PATIENCE)
              .until(() -> streamIds(topic.records()), ids -> ids.containsAll(expected));
      System.out.printf(
          "failover: %d entries safe before it, %d on the new master or safe, %d records%n",
          before, expected.size(), arrived.size());
      assertThat(arrived).doesNotHaveDuplicates();
      await().atMost(PATIENCE).until(() -> now.pending(stream, GROUP) == 0);
    }
    assertOneOutageAndNoRestart();
  }

  @Test
  void aGroupThatFellBehindInTheFailoverIsMovedForwardToConnectsOffset() {
    // given a replica that knows the first entries and that they were read
    List<String> ids = new ArrayList<>();
    try (Redis first = servers.open()) {
      ids.addAll(first.addClaims(stream, 300));
      startOnSentinels();
      awaitRead(first, ids);
      stack.connect().pause(connector);
      awaitState("PAUSED");

      // and the next ones, but not that they were read
      ids.addAll(first.addClaims(stream, 300));
      awaitReplicated(first);
      servers.cutReplication();
      stack.connect().resume(connector);
      awaitRead(first, ids);

      // and nothing of the last ones, which are in Kafka too
      ids.addAll(first.addClaims(stream, 100));
      awaitRead(first, ids);
    }

    // when
    servers.failOver();

    // then
    assertReadsOn(ids);
    assertThat(stack.log(stream, "moved forward")).hasSize(1);
    assertThat(stack.log(stream, "was lost")).isEmpty();
  }

  @Test
  void aGroupThatTheNewMasterDoesNotKnowIsRecreatedAtConnectsOffset() {
    // given a replica that knows the entries and not the group
    List<String> ids;
    try (Redis first = servers.open()) {
      ids = new ArrayList<>(first.addClaims(stream, 300));
      awaitReplicated(first);
      servers.cutReplication();
      startOnSentinels();
      awaitRead(first, ids);
    }

    // when
    servers.failOver();

    // then
    assertReadsOn(ids);
    assertThat(stack.log(stream, "was lost; recreated at " + ids.get(ids.size() - 1))).hasSize(1);
    assertThat(stack.log(stream, "moved forward")).isEmpty();
  }

  @Test
  void aFrozenMasterThatWakesUpAfterItsReplacementReceivesNothingMore() {
    // given a connector that is connected and has nothing to do
    List<String> ids = new ArrayList<>();
    String failed = Stack.unique("claims:failed");
    startOnSentinels(
        "redis.command.timeout.ms",
        "1000",
        "errors.tolerance",
        "all",
        "redis.failed.stream",
        failed);
    List<String> bad = new ArrayList<>();
    try (Redis first = servers.open()) {
      bad.add(first.add(stream, "type", "t", "claim_id", "c", "amount", "much"));
      ids.addAll(first.addClaims(stream, 300));
      awaitRead(first, ids);
      awaitReplicated(first);
    }

    // when the master freezes, is replaced, and takes itself for the master as it wakes up
    servers.master().pause();
    servers.awaitFailover();
    await()
        .atMost(PATIENCE)
        .until(() -> !stack.log(connector, "Redis is available again").isEmpty());
    servers.master().resume();

    // then acknowledgements and dead letters are the new master's
    try (Redis now = servers.open()) {
      bad.add(now.add(stream, "type", "t", "claim_id", "c", "amount", "much"));
      assertReadsOn(ids);
      assertThat(now.entries(failed).stream().map(entry -> Redis.fields(entry).get("error_id")))
          .containsExactlyElementsOf(bad);
    }
  }

  @Test
  void theSinkGoesOnWithTheNewMaster() {
    // given
    List<String> all = IntStream.range(0, 1_000).mapToObj(String::valueOf).toList();
    produceNumbers(all.subList(0, 500));
    Map<String, String> settings = new HashMap<>(servers.settings());
    settings.put("topics", topic.name());
    settings.put("redis.stream", stream);
    settings.put("redis.delivery", "exactly_once");
    settings.put("consumer.override.group.id", connector);
    settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    settings.put("value.converter.schemas.enable", "false");
    stack.run(connector, stack.example("claims-analytics-sink.json", settings));
    try (Redis first = servers.open()) {
      await().atMost(PATIENCE).until(() -> first.entries(stream).size() == 500);
      awaitReplicated(first);
    }

    // when
    servers.killMaster();
    produceNumbers(all.subList(500, 1_000));
    servers.awaitFailover();

    // then
    try (Redis now = servers.open()) {
      List<StreamEntry> entries =
          await()
              .atMost(PATIENCE)
              .until(() -> now.entries(stream), found -> found.size() >= all.size());
      assertThat(entries.stream().map(entry -> Redis.fields(entry).get("n")))
          .containsExactlyInAnyOrderElementsOf(all);
    }
    assertThat(stack.connect().status(connector).path("tasks").path(0).path("state").asText())
        .isEqualTo("RUNNING");
  }

  private void produceNumbers(List<String> numbers) {
    topic.produce(
        numbers.stream().map(n -> ("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8)).toList());
  }

  private void startOnSentinels(String... more) {
    List<String> settings = new ArrayList<>(List.of("redis.read.count", "200"));
    settings.addAll(List.of(more));
    servers.settings().forEach((name, value) -> settings.addAll(List.of(name, value)));
    start(settings.toArray(String[]::new));
  }

  /** Adds claims through whoever is the master, and notes those that both masters will have. */
  private void produce(ConcurrentLinkedQueue<String> safe, AtomicBoolean enough) {
    boolean failedOver = false;
    while (!enough.get()) {
      try (Redis master = servers.open()) {
        while (!enough.get()) {
          List<String> ids = master.addClaims(stream, 20);
          if (failedOver || Long.valueOf(1).equals(master.call("WAIT", 1, 5_000))) {
            safe.addAll(ids);
          }
        }
      } catch (RedisOutageException e) {
        failedOver = true;
      }
    }
  }

  /** Waits until all of this is in Kafka and acknowledged. */
  private void awaitRead(Redis master, List<String> ids) {
    topic.await(ids.size());
    await().atMost(PATIENCE).until(() -> master.pending(stream, GROUP) == 0);
  }

  private static void awaitReplicated(Redis master) {
    assertThat(master.call("WAIT", 1, 10_000)).isEqualTo(1L);
  }

  /** Adds entries on the new master: they arrive, nothing else does, and without haste. */
  private void assertReadsOn(List<String> before) {
    List<String> expected = new ArrayList<>(before);
    try (Redis now = servers.open()) {
      for (int round = 0; round < 3; round++) {
        expected.addAll(now.addClaims(stream, 100));
        awaitRead(now, expected);
      }
    }
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(servers.callsOnReplica("xreadgroup")).isLessThan(FEW);
    assertOneOutageAndNoRestart();
  }

  private void assertOneOutageAndNoRestart() {
    assertThat(stack.connect().status(connector).path("tasks").path(0).path("state").asText())
        .isEqualTo("RUNNING");
    assertThat(stack.log("{id=" + connector + "-0}", "finished initialization and start"))
        .hasSize(1);
    assertThat(stack.log(connector, "Redis is unavailable")).hasSize(1);
    assertThat(stack.log(connector, "Redis is available again")).hasSize(1);
  }
}
