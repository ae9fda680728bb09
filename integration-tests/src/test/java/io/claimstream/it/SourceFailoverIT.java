/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.stream.StreamEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the source does when the new master has less than the former one acknowledged, with one
 * consumer on the stream and with several: nothing that the new master holds is missing in Kafka,
 * one consumer repeats nothing, and the log says what was forgotten.
 */
class SourceFailoverIT extends SourceTestBase {
  private final ReplicatedRedis servers;
  private final List<String> ids = new ArrayList<>();

  SourceFailoverIT(Stack stack) {
    super(stack);
    this.servers = new ReplicatedRedis(stack.directory(Stack.unique("failover")));
  }

  @AfterEach
  void endServers() {
    stack.connect().delete(connector);
    servers.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void acknowledgementsThatAreForgottenAreMadeOnceMore(int consumers) {
    // given entries that the replica knows to be pending
    start(consumers);
    try (Redis first = servers.open()) {
      // a task needs Kafka before its first read, and is shown as RUNNING before that
      ids.addAll(first.addClaims(stream, 10));
      awaitRead(first);
      try {
        stack.servers().kafka().pause();
        ids.addAll(first.addClaims(stream, 30));
        await().atMost(PATIENCE).until(() -> first.pending(stream, GROUP) == 30);
        awaitReplicated(first);
        servers.cutReplication();
      } finally {
        stack.servers().kafka().resume();
      }
      // and acknowledgements that it does not
      awaitRead(first);
    }

    // when
    servers.failOver();

    // then
    assertReadsOn(consumers);
    assertThat(stack.log(stream, "WARN", "are pending again", "only acknowledged again"))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aGroupThatIsSetBackLosesNothing(int consumers) {
    // given entries that the replica has, without knowing that they were read
    start(consumers);
    readWithoutTheReplica();

    // when
    servers.failOver();

    // then
    assertReadsOn(consumers);
    assertThat(stack.log(stream, "WARN", consumers == 1 ? "moved forward" : "was moved back from"))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void entriesThatVanishStayInKafkaAndWhatComesAfterThemArrives(int consumers) {
    // given entries that the replica never had
    start(consumers);
    readWithoutTheReplica();
    try (Redis first = servers.open()) {
      ids.addAll(first.addClaims(stream, 100));
      awaitRead(first);
    }

    // when
    servers.failOver();

    // then
    assertReadsOn(consumers);
    assertThat(
            stack.log(
                stream,
                "WARN",
                consumers == 1 ? "Redis lost the stream's entries after" : "was moved back from"))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void entriesWithIdsBelowConnectsOffsetArrive(int consumers) {
    // given a master whose clock is ahead, and a replica that lags
    start(consumers);
    readWithoutTheReplica();
    long ahead = System.currentTimeMillis() + Duration.ofHours(1).toMillis();
    try (Redis first = servers.open()) {
      for (int i = 1; i <= 100; i++) {
        String id = ahead + "-" + i;
        first.call("XADD", stream, id, "type", "claim_submitted", "claim_id", "CLM-ahead-" + i);
        ids.add(id);
      }
      awaitRead(first);
    }

    // when the new master hands out lower ids
    servers.failOver();

    // then those arrive as well, also after a restart that follows
    assertReadsOn(consumers);
    stack.connect().stop(connector);
    awaitState("STOPPED");
    try (Redis now = servers.open()) {
      ids.addAll(now.addClaims(stream, 100));
    }
    stack.connect().resume(connector);
    assertReadsOn(consumers);
    assertThat(
            stack.log(
                stream,
                "WARN",
                consumers == 1 ? "Redis lost the stream's entries after" : "was moved back from"))
        .isNotEmpty();
  }

  private void start(int consumers) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "redis.consumers.per.stream",
                Integer.toString(consumers),
                "tasks.max",
                "2",
                "redis.read.count",
                "20"));
    servers.settings().forEach((name, value) -> settings.addAll(List.of(name, value)));
    start(settings.toArray(String[]::new));
  }

  /** Entries that are read, and of which the replica only knows that they are there. */
  private void readWithoutTheReplica() {
    try (Redis first = servers.open()) {
      ids.addAll(first.addClaims(stream, 100));
      awaitRead(first);
      stack.connect().pause(connector);
      awaitState("PAUSED");
      awaitReplicated(first);
      ids.addAll(first.addClaims(stream, 100));
      awaitReplicated(first);
      servers.cutReplication();
      stack.connect().resume(connector);
      awaitRead(first);
    }
  }

  /** Waits until all of this is in Kafka and acknowledged. */
  private void awaitRead(Redis master) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> new HashSet<>(streamIds(topic.records())).containsAll(ids));
    await().atMost(PATIENCE).until(() -> master.pending(stream, GROUP) == 0);
  }

  private static void awaitReplicated(Redis master) {
    assertThat(master.call("WAIT", 1, 10_000)).isEqualTo(1L);
  }

  /** Adds entries on the new master: they arrive, and with one consumer nothing comes twice. */
  private void assertReadsOn(int consumers) {
    try (Redis now = servers.open()) {
      for (int round = 0; round < 3; round++) {
        ids.addAll(now.addClaims(stream, 50));
        awaitRead(now);
      }
      List<String> arrived = streamIds(topic.records());
      assertThat(arrived)
          .containsAll(
              now.entries(stream).stream().map(StreamEntry::id).map(Object::toString).toList());
      assertThat(new HashSet<>(arrived)).containsExactlyInAnyOrderElementsOf(ids);
      if (consumers == 1) {
        assertThat(arrived).doesNotHaveDuplicates();
      }
    }
    await().atMost(PATIENCE).until(() -> runs(stack.connect(), connector, Math.min(2, consumers)));
  }
}
