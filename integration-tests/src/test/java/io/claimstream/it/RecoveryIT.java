/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source does when something went wrong, or was changed, while it was not looking. */
class RecoveryIT extends SourceTestBase {

  RecoveryIT(Stack stack) {
    super(stack);
  }

  @Test
  void aDestroyedGroupIsRecreatedWhereKafkasKnowledgeEnds() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 200));
    start();
    topic.await(ids.size());
    awaitNothingPending();

    // when
    redis.call("XGROUP", "DESTROY", stream, GROUP);
    ids.addAll(redis.addClaims(stream, 200));

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(stack.log(stream, "was lost; recreated at " + ids.get(199))).hasSize(1);
  }

  @Test
  void aGroupThatIsAheadOfAConnectorWithoutOffsetsIsReportedAndCanStartOver() {
    // given a group that has read, and a connector of which Connect knows nothing
    List<String> ids = redis.addClaims(stream, 20);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "former", "STREAMS", stream, ">");
    ids.forEach(id -> redis.call("XACK", stream, GROUP, id));

    // when
    start();

    // then
    await()
        .atMost(PATIENCE)
        .until(() -> stack.log(stream, "WARN", "at position " + ids.get(19)).size() == 1);
    startOver(connector + "-0");
    assertThat(streamIds(topic.await(20))).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void aStreamThatWasDeletedAndFilledAgainIsReadOn() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 50));
    start();
    topic.await(ids.size());

    // when
    redis.call("DEL", stream);
    ids.addAll(redis.addClaims(stream, 50));

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void pauseAndResumeRepeatNothing() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 100));
    start();
    topic.await(ids.size());

    // when
    stack.connect().pause(connector);
    awaitState("PAUSED");
    ids.addAll(redis.addClaims(stream, 100));
    stack.connect().resume(connector);

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void stopAndStartRepeatNothing() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 3_000));
    start("redis.read.count", "50");
    topic.await(100);

    // when
    stack.connect().stop(connector);
    awaitState("STOPPED");
    ids.addAll(redis.addClaims(stream, 500));
    stack.connect().resume(connector);

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void lanesThatWereTakenAwayLeaveNothingBehind() {
    // given entries pending under a lane that the connector no longer has
    List<String> ids = redis.addClaims(stream, 60);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    for (String consumer : List.of("-1", "-2")) {
      redis.call(
          "XREADGROUP", "GROUP", GROUP, connector + consumer, "COUNT", 20, "STREAMS", stream, ">");
      redis.call("SET", ownerKey(connector + consumer), 1);
    }

    // when
    start();

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void aConsumerOfAnotherProgramIsLeftAloneThoughItIsNamedLikeALane() {
    // given a pod of a StatefulSet that bears the connector's name
    List<String> ids = redis.addClaims(stream, 30);
    String pod = connector + "-7";
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, pod, "COUNT", 20, "STREAMS", stream, ">");

    // when
    start();

    // then
    assertThat(streamIds(topic.await(10))).containsExactlyInAnyOrderElementsOf(ids.subList(20, 30));
    await()
        .atMost(PATIENCE)
        .until(() -> !stack.log("WARN", stream, pod + "' has 20 pending entries").isEmpty());
    await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 20);

    // and they are taken over like any other program's
    start("redis.claim.idle.ms", "1000");
    topic.await(30);
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void unreadEntriesOfAStreamThatWasRenamedAwayAndBackArrive() {
    // given a task that does not read for a moment
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 20));
    start();
    topic.await(ids.size());
    awaitNothingPending();
    stack.connect().pause(connector);
    awaitState("PAUSED");
    await() // the read that was waiting when the pause came
        .atMost(PATIENCE)
        .until(() -> redis.info("clients").contains("blocked_clients:0"));

    // when the stream is put aside with what nobody has read, and back after others were
    String aside = stream + ":aside";
    for (int i = 0; i < 2; i++) {
      redis.add(stream, "type", "claim_submitted", "claim_id", "ASIDE-" + i);
    }
    redis.entries(stream).subList(20, 22).forEach(entry -> ids.add(entry.id().toString()));
    redis.call("RENAME", stream, aside);
    // these may get the same ids
    ids.addAll(redis.addClaims(stream, 2));
    stack.connect().resume(connector);
    topic.await(22);
    awaitNothingPending();
    redis.call("RENAME", aside, stream);

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(stack.log("WARN", stream, "that this connector never received")).hasSize(1);
  }

  @Test
  void scalingLanesAndTasksUpAndDownLosesAndRepeatsNothing() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 2_000));
    start("tasks.max", "4", "redis.consumers.per.stream", "4", "redis.read.count", "100");
    topic.await(500);

    for (String change :
        List.of("4 tasks 2 lanes", "1 tasks 4 lanes", "3 tasks 4 lanes", "2 tasks 1 lanes")) {
      // when
      String[] words = change.split(" ", -1);
      ids.addAll(redis.addClaims(stream, 1_000));
      Map<String, String> settings =
          settings(
              "tasks.max", words[0],
              "redis.consumers.per.stream", words[2],
              "redis.read.count", "100");
      stack.connect().createOrUpdate(connector, stack.example("claims-source.json", settings));
      int tasks = Math.min(Integer.parseInt(words[0]), Integer.parseInt(words[2]));
      // Connect fails tasks for a moment whose configuration is replaced while they start
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> runs(stack.connect(), connector, tasks));
    }

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void severalStreamsShareOneTaskAndEachKeepsItsOrder() {
    // given
    String second = Stack.unique("claims:more");
    Topic secondTopic = stack.topic(second.replace(':', '.'));
    stack.createTopics(Map.of(secondTopic.name(), 1));
    List<String> ids = redis.addClaims(stream, 700);
    List<String> more = new ArrayList<>(redis.addClaims(second, 300));

    // when
    start("redis.streams", stream + "," + second);
    topic.await(ids.size());
    secondTopic.await(more.size());
    more.addAll(redis.addClaims(second, 300));

    // then
    assertThat(streamIds(secondTopic.await(more.size()))).isEqualTo(more);
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    awaitNothingPending();
    await().atMost(PATIENCE).until(() -> redis.pending(second, GROUP) == 0);
  }

  @Test
  void trimmedPendingEntriesAreAcknowledgedAndTheRestArrives() {
    // given entries read as this lane's consumer, some trimmed since
    List<String> ids = redis.addClaims(stream, 30);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, connector + "-0", "COUNT", 20, "STREAMS", stream, ">");
    redis.call("XTRIM", stream, "MAXLEN", 20);

    // when
    start();

    // then
    assertThat(streamIds(topic.await(20))).containsExactlyInAnyOrderElementsOf(ids.subList(10, 30));
    awaitNothingPending();
  }

  @ParameterizedTest
  @CsvSource({"PAUSED, 1", "STOPPED, 1", "STOPPED, 3"})
  void entriesTrimmedBeforeTheyWereReadAreCountedOnceInTheLog(String state, String consumers) {
    // given lanes that have read, and do so no more
    redis.addClaims(stream, 10);
    start("redis.consumers.per.stream", consumers, "tasks.max", consumers);
    topic.await(10);
    awaitNothingPending();
    if (state.equals("PAUSED")) {
      stack.connect().pause(connector);
    } else {
      stack.connect().stop(connector);
    }
    awaitState(state);
    await() // the read that was waiting when the pause came
        .atMost(PATIENCE)
        .until(() -> redis.info("clients").contains("blocked_clients:0"));

    // when entries come and go unread
    redis.addClaims(stream, 30);
    redis.call("XTRIM", stream, "MAXLEN", 5);
    stack.connect().resume(connector);

    // then the rest arrives, and the log says how many are lost
    topic.await(15);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(15);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        stack.workerLog().lines().filter(line -> line.contains("'" + stream + "'")))
                    .filteredOn(line -> line.contains("trimmed before they were read"))
                    .hasSize(1)
                    .allMatch(line -> line.contains(": 25 entries were trimmed")));
  }

  @Test
  void anEntryThatWasDeliveredTooOftenBecomesADeadLetter() {
    // given an entry that crashed its readers before
    List<String> ids = redis.addClaims(stream, 5);
    String failed = Stack.unique("claims:failed");
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, connector + "-0", "COUNT", 1, "STREAMS", stream, ">");
    for (int i = 0; i < 6; i++) {
      redis.call(
          "XREADGROUP", "GROUP", GROUP, connector + "-0", "COUNT", 1, "STREAMS", stream, "0");
    }

    // when
    start("redis.failed.stream", failed, "redis.max.deliveries", "5");

    // then
    assertThat(streamIds(topic.await(4))).containsExactlyInAnyOrderElementsOf(ids.subList(1, 5));
    awaitNothingPending();
    assertThat(redis.entries(failed)).hasSize(1);
    assertThat(Redis.fields(redis.entries(failed).get(0)))
        .containsEntry("error_id", ids.get(0))
        .containsEntry("error_stage", "delivery")
        .containsEntry("error_deliveries", "7")
        .containsEntry("claim_id", "CLM-0");
  }

  @Test
  void entriesOfOtherConsumersAreTakenOnlyWhenTheyAreIdleForLongEnough() {
    // given entries that another program's consumer read and never acknowledged
    List<String> ids = redis.addClaims(stream, 50);
    redis.call("XGROUP", "CREATE", stream, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "COUNT", 20, "STREAMS", stream, ">");

    // when the connector is not told to take them, they are left alone
    start();
    assertThat(streamIds(topic.await(30))).containsExactlyInAnyOrderElementsOf(ids.subList(20, 50));
    await().atMost(PATIENCE).until(() -> redis.pending(stream, GROUP) == 20);

    // and when it is, they arrive once, in two batches
    start("redis.claim.idle.ms", "1000");
    topic.await(50);
    awaitNothingPending();
    List<String> more = redis.addClaims(stream, 1);
    topic.await(51);
    // in one step, so that the connector does not read in between
    redis.call("XCLAIM", stream, GROUP, "another", 0, ids.get(0), "FORCE");
    topic.await(52);
    awaitNothingPending();

    // then the second batch's entry, which has the lowest id of all, was not passed over
    List<String> expected = new ArrayList<>(ids);
    expected.addAll(more);
    expected.add(ids.get(0));
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aFlushedRedisIsReadOnFromTheCommittedOffset() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 100));
    start();
    topic.await(ids.size());
    awaitNothingPending();

    // when all is gone: stream, group and what the connector keeps beside them
    redis.call("FLUSHALL");
    ids.addAll(redis.addClaims(stream, 100));

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    // after the offset, or at the beginning if it was made before anything was added
    assertThat(stack.log(stream, "was lost; recreated at")).hasSize(1);
  }

  @Test
  void aStreamThatStartsAgainBelowTheOffsetIsReadFromItsBeginning() {
    // given
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 20));
    start();
    topic.await(ids.size());
    awaitNothingPending();

    // when the stream is deleted, and filled by a server whose clock is behind
    redis.call("DEL", stream);
    await().atMost(PATIENCE).until(() -> !stack.log(stream, "was lost").isEmpty());
    redis.call("XADD", stream, "1000-0", "type", "claim_submitted", "claim_id", "CLM-low");
    ids.add("1000-0");

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(stack.log(stream, "WARN", "Redis lost the stream's entries after 0-0")).hasSize(1);

    // and after a restart, which finds the offset of before in nothing
    stack.connect().stop(connector);
    awaitState("STOPPED");
    redis.call("XADD", stream, "2000-0", "type", "claim_submitted", "claim_id", "CLM-low");
    ids.add("2000-0");
    stack.connect().resume(connector);
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void acknowledgementsThatAReadOnlyServerRefusesAreReportedAndMadeOnceItTakesThem() {
    try (RedisServer server = ownServer();
        Redis own = new Redis(server.uri())) {
      // given entries that are on their way to a Kafka that does not answer
      start("redis.uri", server.uri());
      // a task needs Kafka before its first read, and is shown as RUNNING before that
      List<String> ids = new ArrayList<>(own.addClaims(stream, 1));
      topic.await(1);
      await().atMost(PATIENCE).until(() -> own.pending(stream, GROUP) == 0);
      try {
        stack.servers().kafka().pause();
        ids.addAll(own.addClaims(stream, 10));
        await().atMost(PATIENCE).until(() -> own.pending(stream, GROUP) == 10);

        // when the server becomes somebody's replica, and Kafka answers again
        own.call("REPLICAOF", "127.0.0.1", "1");
      } finally {
        stack.servers().kafka().resume();
      }
      topic.await(ids.size());

      // then the log says why nothing is acknowledged
      await()
          .atMost(PATIENCE)
          .until(() -> !stack.log(stream, "failed to acknowledge", "READONLY").isEmpty());
      await()
          .during(Duration.ofSeconds(2))
          .atMost(PATIENCE)
          .until(() -> stack.log(connector, "Redis is unavailable").size() == 1);
      assertThat(own.pending(stream, GROUP)).isEqualTo(10);

      // and it is, as soon as that is possible
      own.call("REPLICAOF", "NO", "ONE");
      await().atMost(PATIENCE).until(() -> own.pending(stream, GROUP) == 0);
      ids.addAll(own.addClaims(stream, 10));
      topic.await(ids.size());
      assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
      stack.connect().delete(connector);
    }
  }

  @Test
  void neitherAnIdleLaneNorALostGroupKeepsRedisBusy() {
    try (RedisServer server = ownServer();
        Redis own = new Redis(server.uri())) {
      // given a connector with nothing to do
      start("redis.uri", server.uri());
      own.addClaims(stream, 10);
      topic.await(10);
      await().atMost(PATIENCE).until(() -> own.pending(stream, GROUP) == 0);

      // when the group is lost, and for a while after that
      own.call("CONFIG", "RESETSTAT");
      own.call("XGROUP", "DESTROY", stream, GROUP);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(PATIENCE)
          .until(() -> !stack.log(stream, "was lost").isEmpty());

      // then: two reads a second are an idle lane's
      assertThat(own.calls("xgroup|create")).isEqualTo(1);
      assertThat(own.calls("xreadgroup")).isBetween(1L, 30L);
      assertThat(own.calls("xpending")).isLessThan(5);
      assertThat(own.calls("get")).isLessThan(100);
      assertThat(topic.records()).hasSize(10);
      stack.connect().delete(connector);
    }
  }

  private RedisServer ownServer() {
    return RedisServer.start(StackFiles.locate(), stack.directory(Stack.unique("redis")), 0);
  }

  @Test
  void failingAcknowledgementsAreTriedAgainUntilTheyWork() {
    // given
    List<String> ids = redis.addClaims(stream, 200);
    start();
    topic.await(ids.size());

    // when connections are cut again and again while entries come
    for (int i = 0; i < 20; i++) {
      redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      redis.addClaims(stream, 10);
    }

    // then
    topic.await(400);
    awaitNothingPending();
    assertThat(topic.records()).hasSize(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "$", "id", "instant"})
  void aNewGroupBeginsWhereItIsTold(String form) {
    // given an entry a second
    List<String> old = new ArrayList<>();
    Instant first = Instant.parse("2024-08-20T10:30:00Z");
    for (int i = 0; i < 10; i++) {
      String id = first.plusSeconds(i).toEpochMilli() + "-0";
      redis.call("XADD", stream, id, "type", "claim_submitted", "claim_id", "CLM-" + i);
      old.add(id);
    }
    String start =
        switch (form) {
          case "id" -> old.get(3);
          case "instant" -> first.plusSeconds(4).toString();
          default -> form;
        };

    // when
    start("redis.start.id", start);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // no group yet
        .until(() -> redis.pending(stream, GROUP) >= 0);
    List<String> fresh = redis.addClaims(stream, 5);

    // then
    List<String> expected = new ArrayList<>();
    switch (form) {
      case "$" -> {}
      case "id", "instant" -> expected.addAll(old.subList(4, 10));
      default -> expected.addAll(old);
    }
    expected.addAll(fresh);
    topic.await(expected.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(expected);
  }
}
