/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import io.claimstream.connect.source.read.StartPosition;
import io.claimstream.connect.source.replay.GroupMove;
import io.claimstream.connect.source.replay.ReplayRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Single situations that a random simulation meets too rarely, or cannot judge. */
class LaneScenarioTest {
  private static final String STREAM = "claims:events";
  private static final String GROUP = "claims-processors";

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedConnect connect = new SimulatedConnect(redis, clock, true);
  private final Map<String, Integer> calls = new HashMap<>();

  private SimulatedTask start(String... settings) {
    return startTasks(1, settings).get(0);
  }

  private List<SimulatedTask> startTasks(int count, String... settings) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put("redis.streams", STREAM);
    connector.put("redis.read.block.ms", "1");
    connector.put("errors.retry.delay.max.ms", "100");
    connector.put("event.format", "generic");
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
    return connect.start(connector, count);
  }

  private List<String> add(int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(
          STREAM + "/" + Replies.text(redis.call("XADD", STREAM, "*", "claim_id", "CLM-" + i)));
    }
    clock.advance(Duration.ofMillis(5));
    return added;
  }

  private static String id(String record) {
    return record.substring(record.indexOf('/') + 1);
  }

  /** Runs a task as Connect does, for some turns. */
  private static void run(SimulatedTask task) {
    for (int turn = 0; turn < 20; turn++) {
      turn(task);
    }
  }

  private static void turn(SimulatedTask task) {
    task.poll();
    task.commit();
    task.tell();
    task.flush();
  }

  private Object pending() {
    return Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }

  private String position() {
    Object group = Replies.list(redis.call("XINFO", "GROUPS", STREAM)).get(0);
    return String.valueOf(Replies.text(Replies.map(group).get("last-delivered-id")));
  }

  /** Counts commands from now on. */
  private void count() {
    calls.clear();
    redis.faults(
        command -> {
          boolean sample = command.name().equals("XPENDING") && command.arguments().size() == 2;
          calls.merge(sample ? "sample" : command.name(), 1, Integer::sum);
          return null;
        });
  }

  @Test
  void aGroupThatWasLostBeforeAnythingWasReadDoesNotBeginAtTheEndAgain() {
    // given a connector that takes only what is new, and has had nothing yet
    add(3);
    SimulatedTask task = start("redis.start.id", "$");
    run(task);

    // when entries come in the moment in which the group is gone
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    List<String> added = add(3);
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void lanesThatNeverReadAnythingDoNotBeginAtTheEndAgainEither() {
    // given
    add(3);
    run(start("redis.start.id", "$", "redis.consumers.per.stream", "3"));

    // when the group is gone and entries come while no task runs
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    List<String> added = add(3);
    run(start("redis.start.id", "$", "redis.consumers.per.stream", "3"));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(added);
  }

  @Test
  void aGroupThatFellBehindIsMovedForwardToTheCommittedOffset() {
    // given
    List<String> added = add(10);
    run(start());
    redis.call("XGROUP", "SETID", STREAM, GROUP, id(added.get(2)));

    // when
    SimulatedTask task = start();
    task.poll();

    // then it is not even read again
    assertThat(position()).isEqualTo(id(added.get(9)));
    run(task);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aStreamThatBeginsAnewBelowTheOffsetIsReadFromItsBeginning() {
    // given a connector that has read a stream
    List<String> all = add(10);
    SimulatedTask task = start();
    run(task);

    // when the stream is deleted, and filled again by a server whose clock is behind
    redis.call("DEL", STREAM);
    run(task);
    all.add(addAt("1000-0"));
    run(task);
    all.add(addAt("1001-0"));
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  private String addAt(String id) {
    return STREAM + "/" + Replies.text(redis.call("XADD", STREAM, id, "claim_id", "low" + id));
  }

  @Test
  void anIdThatWasInFlightWhenRedisForgotItIsAnotherEntryAfterThat() {
    // given a record on its way to Kafka, of an entry that the replica does not have
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    all.addAll(add(1));
    task.poll();
    task.poll();

    // when the replica hands the same id out for another entry
    redis.comeBackAs(replica);
    run(task);
    all.add(addAt(id(all.get(3))));
    run(task);

    // then both are in Kafka, and nothing comes again at a restart
    run(start());
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void entriesThatGetLowIdsBeforeTheTaskIsConnectedAgainAreReadOnce() {
    // given a task that has read what the replica has, and what it has not
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    all.addAll(add(3));
    run(task);

    // when the replica goes on below and above Connect's offset at once
    redis.comeBackAs(replica);
    String last = id(all.get(2));
    all.add(addAt(last.substring(0, last.indexOf('-')) + "-100"));
    clock.advance(Duration.ofMinutes(1));
    all.addAll(add(2));
    run(task);
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  /** Puts the stream aside with two entries that nobody has read; new ones come instead. */
  private List<String> readAnotherStreamInBetween(SimulatedTask task) {
    List<String> unread = add(2);
    redis.call("RENAME", STREAM, "aside");
    List<String> between = add(2);
    for (int i = 0; i < 3; i++) {
      run(task);
    }
    assertThat(connect.committed()).endsWith(between.get(0), between.get(1));
    return unread;
  }

  @Test
  void unreadEntriesOfAStreamThatWasRenamedAwayAndBackAreEmitted() {
    // given
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    List<String> unread = readAnotherStreamInBetween(task);

    // when
    redis.call("RENAME", "aside", STREAM);
    all.addAll(connect.committed().subList(3, 5));
    all.addAll(unread);
    run(task);
    all.addAll(add(1));
    run(task);
    run(start());

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void theyAreEmittedThoughTheReplyThatBroughtThemWasLost() {
    // given
    add(3);
    SimulatedTask task = start();
    run(task);
    List<String> unread = readAnotherStreamInBetween(task);

    // when
    redis.call("RENAME", "aside", STREAM);
    redis.faults(FaultPlan.once(1, FaultPlan.named("EXEC"), Fault.Break.AFTER_EXECUTION));
    for (int i = 0; i < 3; i++) {
      run(task);
    }

    // then
    assertThat(connect.committed()).containsAll(unread).doesNotHaveDuplicates();
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void theyAreEmittedThoughTheConnectionBreaksMeanwhile() {
    // given
    add(3);
    SimulatedTask task = start();
    run(task);
    List<String> unread = readAnotherStreamInBetween(task);

    // when
    redis.stop();
    run(task);
    redis.call("RENAME", "aside", STREAM);
    redis.start();
    for (int i = 0; i < 3; i++) {
      run(task);
    }

    // then
    assertThat(connect.committed()).containsAll(unread).doesNotHaveDuplicates();
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aReplayForgetsThatRedisForgot() {
    // given a connector whose offset went back
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    redis.call("DEL", STREAM);
    run(task);
    all.add(addAt("1000-0"));
    run(task);

    // when
    GroupMove move = new GroupMove(redis, GROUP, "c", 1, StartPosition.parse("0"));
    move.apply(new ReplayRequest(Map.of(STREAM, Optional.of(EntryId.ZERO))));

    // then
    assertThat(redis.call("EXISTS", "claimstream:v1:epoch:{" + STREAM + "}:" + GROUP + ":c-0"))
        .isEqualTo(0L);
  }

  @Test
  void aStreamThatBeginsAnewAboveTheOffsetIsReadOn() {
    // given
    List<String> all = add(10);
    SimulatedTask task = start();
    run(task);

    // when
    redis.call("FLUSHALL");
    run(task);
    all.addAll(add(5));
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aGroupThatSomebodyMovesBackRepeatsNothing() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    run(task);

    // when
    redis.call("XGROUP", "SETID", STREAM, GROUP, "0");
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  /** The reply to a lane's first read after that was lost; another lane notices. */
  @Test
  void whatALaneNeverReceivedOfAGroupThatWasMovedBackIsEmittedAfterACrash() {
    // given two entries that one lane has not brought to Kafka, and two later ones that another has
    String[] lanes = {"redis.consumers.per.stream", "2"};
    List<String> added = add(2);
    List<SimulatedTask> tasks = startTasks(2, lanes);
    tasks.get(1).poll();
    tasks.get(1).poll();
    added.addAll(add(2));
    run(tasks.get(0));
    assertThat(connect.committed()).isEqualTo(added.subList(2, 4));
    tasks.get(1).poll();

    // when the group is moved back, and the later lane's worker dies over the reply to its read
    redis.call("XGROUP", "SETID", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", 2, "STREAMS", STREAM, ">");
    tasks.get(1).poll();
    tasks.get(1).poll();
    startTasks(2, lanes).forEach(LaneScenarioTest::run);

    // then
    assertThat(connect.committed()).containsAll(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aGroupThatWasSetBackWhileNobodyReadIsKnownByWhatIsPendingAboveIt() {
    // given entries of two lanes in turn, none of them in Kafka, and a group that was set back
    String[] lanes = {"redis.consumers.per.stream", "2"};
    List<String> added = add(4);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    for (int i = 0; i < 4; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-" + i % 2, "COUNT", 1, "STREAMS", STREAM, ">");
    }
    redis.call("XGROUP", "SETID", STREAM, GROUP, id(added.get(0)));

    // when one lane brings its own to Kafka, and dies over the reply to its next read
    SimulatedTask task = startTasks(2, lanes).get(0);
    while (connect.committed().size() < 2) {
      turn(task);
    }
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", 3, "STREAMS", STREAM, ">");
    startTasks(2, lanes).forEach(LaneScenarioTest::run);

    // then
    assertThat(connect.committed()).containsAll(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aGroupThatAnotherLaneReadsWhileOneConnectsWasNotSetBack() {
    // given a lane that died between its transaction and its acknowledgements
    String[] lanes = {"redis.consumers.per.stream", "2"};
    List<String> added = add(2);
    SimulatedTask died = startTasks(2, lanes).get(1);
    died.poll();
    died.poll();
    died.commit();
    assertThat(connect.committed()).isEqualTo(added);
    SimulatedTask task = startTasks(2, lanes).get(1);

    // when the other lane reads on after the new task has looked where the group is
    List<String> later = add(1);
    redis.faults(
        command -> {
          boolean isSummary = command.name().equals("XPENDING") && command.arguments().size() == 2;
          if (isSummary && pending().equals(2L)) {
            redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
          }
          return null;
        });
    run(task);
    assertThat(pending()).isEqualTo(1L);
    redis.faults(FaultPlan.none());
    startTasks(2, lanes).forEach(LaneScenarioTest::run);

    // then nothing comes twice
    added.addAll(later);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  /** A task that has emitted ten entries, all in Kafka, and acknowledged none. */
  private SimulatedTask withTenToAcknowledge() {
    add(10);
    SimulatedTask task = start();
    task.poll();
    task.poll();
    task.commit();
    task.tell();
    assertThat(pending()).isEqualTo(10L);
    return task;
  }

  @Test
  void aStoppedTaskLeavesNothingPendingThatKafkaHas() {
    // given a task whose acknowledgements are in a read that is on its way and never arrives
    SimulatedTask task = withTenToAcknowledge();
    redis.faults(FaultPlan.once(1, FaultPlan.named("MULTI"), Fault.Break.BEFORE_EXECUTION));
    task.poll();

    // when
    redis.faults(FaultPlan.none());
    task.stop();

    // then
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void acknowledgementsInAReadThatIsRefusedAreMadeWithTheNextOne() {
    // given
    SimulatedTask task = withTenToAcknowledge();
    task.poll(); // takes the answer to the read before

    // when the read that carries them finds its owner key touched
    redis.call("DEL", "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":c-0");
    for (int i = 0; i < 5; i++) {
      task.poll();
    }

    // then
    assertThat(pending()).isEqualTo(0L);
    assertThat(task.failure()).isEmpty();
  }

  @Test
  void acknowledgementsThatTheCommitThreadCouldNotMakeAreMadeByItLater() {
    // given
    SimulatedTask task = withTenToAcknowledge();

    // when
    redis.faults(FaultPlan.once(1, FaultPlan.named("XACK"), Fault.Break.BEFORE_EXECUTION));
    task.flush();
    assertThat(pending()).isEqualTo(10L);
    task.flush();

    // then
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void acknowledgementsThatRedisRefusesAreTriedAgainAndTellOfItself() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    task.poll();
    task.poll();
    task.commit();
    task.tell();

    // when a replica was made of the server, and then a master again
    redis.faults(
        FaultPlan.always(LaneScenarioTest::writes, new Fault.Refusal("READONLY You can't")));
    run(task);
    assertThat(pending()).isEqualTo(10L);
    redis.faults(FaultPlan.none());
    run(task);

    // then
    assertThat(pending()).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(task.failure()).isEmpty();
  }

  @Test
  void aServerThatAnswersButTakesNoWritesIsTriedLessAndLessOften() {
    // given
    SimulatedTask task = start("errors.retry.delay.max.ms", "10000");
    run(task);

    // when it refuses for 20 seconds
    FaultPlan refusals =
        FaultPlan.always(LaneScenarioTest::writes, new Fault.Refusal("READONLY You can't"));
    redis.faults(
        command -> {
          calls.merge(command.name(), 1, Integer::sum);
          return refusals.next(command);
        });
    for (int i = 0; i < 100; i++) {
      task.poll();
    }

    // then
    assertThat(calls.get("SET")).isBetween(2, 15);
  }

  private static boolean writes(Command command) {
    return List.of("XACK", "XREADGROUP", "SET", "XGROUP").contains(command.name());
  }

  @Test
  void acknowledgementsThatNobodyMayMakeFailTheTaskByName() {
    // given
    SimulatedTask task = withTenToAcknowledge();

    // when
    redis.faults(
        FaultPlan.always(
            FaultPlan.named("XACK"), new Fault.Refusal("NOPERM this user has no permissions")));
    run(task);

    // then
    assertThat(task.failure()).contains("XACK " + STREAM).contains("NOPERM");
  }

  @Test
  void whileNobodyReadsWhatKafkaTakesIsAcknowledgedAllTheSame() {
    // given a task that is paused while records are on their way
    add(10);
    SimulatedTask task = start();
    task.poll();
    task.poll();

    // when
    task.commit();
    task.tell();
    task.flush();

    // then
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void waitingForKafkaBeforeALastTryDoesNotKeepRedisBusy() {
    // given entries of which the first ones are on their way and the next is on its last try
    List<String> added = add(2);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
    for (int i = 0; i < 3; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, id(added.get(0)));
    }
    SimulatedTask task = start("redis.max.deliveries", "5");
    task.poll();

    // when Kafka is slow
    count();
    for (int i = 0; i < 50; i++) {
      task.poll();
    }

    // then
    assertThat(calls.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(5);
    run(task);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aLostGroupIsLookedForOnceNotAgainAndAgain() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    run(task);

    // when
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    count();
    run(task);

    // then
    assertThat(calls).containsEntry("XGROUP", 1);
    assertThat(calls.getOrDefault("XREADGROUP", 0)).isLessThanOrEqualTo(20);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void manyEntriesThatKafkaHasAreAcknowledgedWhileTheyAreLookedThrough() {
    // given a worker that died after its transactions, before it could acknowledge
    List<String> added = add(500);
    SimulatedTask died = start("redis.read.count", "100");
    for (int i = 0; i < 10; i++) {
      died.poll();
      died.commit();
    }
    assertThat(pending()).isEqualTo(500L);

    // when the next one has looked at half of them
    SimulatedTask task = start("redis.read.count", "100");
    for (int i = 0; i < 3; i++) {
      task.poll();
    }

    // then
    assertThat(pending()).isEqualTo(200L);
    run(task);
    assertThat(pending()).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void anEntryThatWasDeliveredTooOftenIsPutAsideAndItsNeighboursArrive() {
    // given
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", "1", "STREAMS", STREAM, ">");
    for (int i = 0; i < 4; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, "0");
    }

    // when
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added.subList(1, 3));
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(1L);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void restartsInOrderCondemnNoEntryHoweverFewDeliveriesAreAllowed() {
    // given a backlog of which each task reads more than it hands over
    String[] settings = {"redis.max.deliveries", "1", "redis.read.count", "5"};
    List<String> added = add(60);

    // when
    for (int restart = 0; restart < 8; restart++) {
      SimulatedTask task = start(settings);
      for (int turn = 0; turn < 3; turn++) {
        turn(task);
      }
      task.poll();
      task.stop();
    }
    for (int i = 0; i < 5; i++) {
      run(start(settings));
    }

    // then
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anEntryWhoseTaskDiesWithItAloneIsGivenUpHoweverFewDeliveriesAreAllowed() {
    // given two entries that a task read together before it died
    List<String> added = add(2);
    String[] settings = {"redis.max.deliveries", "1"};
    pollTwice(start(settings));

    // when the next one dies with the first of them alone
    pollTwice(start(settings));
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(0L);
    run(start(settings));

    // then only that one is given up
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(1L);
    assertThat(connect.committed()).containsExactly(added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  private static void pollTwice(SimulatedTask task) {
    task.poll();
    task.poll();
  }

  @Test
  void repliesThatAreLostAgainAndAgainCondemnNoEntry() {
    // given entries that a dead worker has left pending
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");

    // when the connection breaks whenever they are read once more
    int[] left = {12};
    redis.faults(
        command ->
            command.name().equals("XREADGROUP") && left[0]-- > 0
                ? Fault.Break.AFTER_EXECUTION
                : null);
    SimulatedTask task = start();
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(1));
      run(task);
    }

    // then
    assertThat(left[0]).isNegative();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(0L);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void pendingEntriesThatWereTrimmedAreAcknowledgedAndNeverLookedAtAgain() {
    // given entries of a dead worker, some trimmed since
    List<String> added = add(10);
    start().poll();
    start().poll();
    redis.call("XGROUP", "SETID", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
    redis.call("XTRIM", STREAM, "MAXLEN", 4);

    // when
    SimulatedTask task = start();
    run(task);
    count();
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added.subList(6, 10));
    assertThat(pending()).isEqualTo(0L);
    assertThat(calls).doesNotContainKey("XPENDING");
  }

  /** Another program's consumer reads an entry and dies. */
  private void readElsewhere(String position) {
    redis.call("XGROUP", "SETID", STREAM, GROUP, position);
    redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "COUNT", 1, "STREAMS", STREAM, ">");
    redis.call("XGROUP", "SETID", STREAM, GROUP, "$");
    clock.advance(Duration.ofSeconds(2));
  }

  @Test
  void aSweepOfLowerIdsThatADeadWorkerBeganIsEmittedThoughRedisWasOutAtTheStart() {
    // given a sweep that reached Kafka, and a second one of a lower id that did not
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(1)));
    run(start("redis.claim.idle.ms", "1000"));
    assertThat(connect.committed()).containsExactly(added.get(2));
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    for (int i = 0; i < 5; i++) {
      died.poll();
    }

    // when the note of the second sweep cannot be read at first
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    redis.faults(FaultPlan.once(1, LaneScenarioTest::readsSweepNote, Fault.Break.BEFORE_EXECUTION));
    run(task);

    // then
    assertThat(connect.committed()).contains(added.get(0)).doesNotHaveDuplicates();
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aSweepThatALateTaskBeganIsLeftToItByTheTaskThatReadsTheOneBefore() {
    // given a task that hangs before its first read, and its successor amid a sweep
    List<String> added = add(4);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(1)));
    SimulatedTask late = start("redis.claim.idle.ms", "1000");
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    while (connect.committed().isEmpty()) {
      turn(task);
    }

    // when the late one wakes up and begins a sweep of a lower and a higher id
    readElsewhere("0");
    readElsewhere(id(added.get(2)));
    for (int i = 0; i < 5; i++) {
      late.poll();
    }
    run(task);
    run(start("redis.claim.idle.ms", "1000"));

    // then
    assertThat(connect.committed())
        .containsExactlyInAnyOrder(added.get(0), added.get(2), added.get(3));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aSweepOfLowerIdsIsEmittedThoughTheLastRecordOfTheOneBeforeWasDropped() {
    // given a sweep whose last record a filter dropped: Connect's offset stays before it
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(0)));
    readElsewhere(id(added.get(1)));
    connect.drop(record -> id(added.get(2)).equals(record.sourceOffset().get("id")));
    SimulatedTask died = start("redis.claim.idle.ms", "1000", "dropped.records", "acknowledge");
    run(died);
    assertThat(pending()).isEqualTo(0L);

    // when its worker dies after it has claimed an entry of a lower id
    readElsewhere("0");
    while (Long.valueOf(0).equals(claimed())) {
      died.poll();
    }
    run(start("redis.claim.idle.ms", "1000", "dropped.records", "acknowledge"));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrder(added.get(0), added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aSweepOfWhichNothingIsKnownAnyMoreIsEmittedWhole() {
    // given a sweep that reached Kafka, and one of a lower id that did not
    List<String> added = add(2);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(0)));
    run(start("redis.claim.idle.ms", "1000"));
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    while (Long.valueOf(0).equals(claimed())) {
      died.poll();
    }

    // when somebody deletes what the connector keeps beside the stream
    redis.call("DEL", "claimstream:v1:sweep:{" + STREAM + "}:" + GROUP + ":c-claimed");
    run(start("redis.claim.idle.ms", "1000"));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrder(added.get(0), added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aConsumerOfAnotherProgramIsLeftAloneThoughItIsNamedLikeALane() {
    // given a pod of a StatefulSet that bears the connector's name
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-7", "COUNT", 1, "STREAMS", STREAM, ">");

    // when
    SimulatedTask task = start();
    run(task);
    clock.advance(Duration.ofMinutes(20));
    run(task);
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added.subList(1, 3));
    assertThat(pending()).isEqualTo(1L);
    assertThat(redis.call("EXISTS", owner("c-7"))).isEqualTo(0L);
  }

  @Test
  void aConsumerOfAnotherProgramThatIsNamedLikeALaneIsTakenOverOnlyAfterItsTime() {
    // given
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-7", "COUNT", 1, "STREAMS", STREAM, ">");

    // when
    SimulatedTask task = start("redis.claim.idle.ms", "60000");
    run(task);
    assertThat(connect.committed()).isEmpty();
    clock.advance(Duration.ofMinutes(2));
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aFormerLaneIsKnownByItsOffsetThoughItsOwnerKeyIsLost() {
    // given a lane that has brought one entry to Kafka, and left another pending
    List<SimulatedTask> tasks = startTasks(2, "redis.consumers.per.stream", "2");
    tasks.forEach(LaneScenarioTest::run);
    List<String> added = add(1);
    run(tasks.get(1));
    added.addAll(add(1));
    tasks.get(1).poll();
    tasks.get(1).poll();
    assertThat(pending()).isEqualTo(1L);

    // when
    redis.call("DEL", owner("c-1"), "claimstream:v1:lanes:{" + STREAM + "}:" + GROUP + ":c");
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aFormerLaneOfWhichNothingIsKnownAnyMoreIsTakenOverInTime() {
    // given a lane that has nothing in Kafka yet
    List<SimulatedTask> tasks = startTasks(2, "redis.consumers.per.stream", "2");
    tasks.forEach(LaneScenarioTest::run);
    List<String> added = add(1);
    tasks.get(1).poll();
    tasks.get(1).poll();

    // when
    redis.call("DEL", owner("c-1"), "claimstream:v1:lanes:{" + STREAM + "}:" + GROUP + ":c");
    SimulatedTask task = start("redis.claim.idle.ms", "60000");
    run(task);
    clock.advance(Duration.ofMinutes(2));
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  private static String owner(String consumer) {
    return "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":" + consumer;
  }

  @Test
  void anEntryThatAnotherProgramTriedOftenIsTriedBeforeItIsGivenUp() {
    // given
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "STREAMS", STREAM, ">");
    for (int i = 0; i < 20; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "STREAMS", STREAM, "0");
    }
    clock.advance(Duration.ofSeconds(2));

    // when
    run(start("redis.claim.idle.ms", "1000", "redis.max.deliveries", "5"));

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
    assertThat(redis.call("EXISTS", "claims:failed")).isEqualTo(0L);
  }

  @Test
  void aStartAsksForAllOffsetsAtOnce() {
    startTasks(
        1,
        "redis.streams",
        "claims:a,claims:b,claims:c",
        "redis.consumers.per.stream",
        "3",
        "redis.claim.idle.ms",
        "1000");

    assertThat(connect.lookUps()).isEqualTo(1);
  }

  @Test
  void aReadThatIsHeldBackOnItsWayUntilTheTaskHasAnotherConnectionIsRefused() {
    // given a read that a proxy holds back while the task connects again and reads on
    List<String> added = add(2);
    SimulatedTask task = start("redis.read.count", "1");
    run(task);
    redis.faults(FaultPlan.once(1, FaultPlan.named("XREADGROUP"), new Fault.Late(30)));
    added.addAll(add(20));

    // when it arrives after all
    run(task);
    run(task);
    run(start());

    // then what it would have read was not passed over
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anEntryOnItsLastTryIsNotHeldUpForEverByRecordsThatConnectTellsNothingOf() {
    // given an entry that a filter drops, and one that was delivered often, both pending
    List<String> added = add(2);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
    for (int i = 0; i < 3; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, id(added.get(0)));
    }
    connect.drop(record -> id(added.get(0)).equals(record.sourceOffset().get("id")));

    // when
    SimulatedTask task = start("dropped.records", "acknowledge", "redis.max.deliveries", "5");
    run(task);
    assertThat(connect.committed()).isEmpty();
    clock.advance(Duration.ofSeconds(10));
    run(task);

    // then
    assertThat(connect.committed()).containsExactly(added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aSweepIsFinishedThoughTakingOverIsSwitchedOff() {
    // given a worker that died amid a sweep
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    while (Long.valueOf(0).equals(claimed())) {
      died.poll();
    }

    // when
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void repliesThatAreLostWhileASweepIsReadCondemnNoEntry() {
    // given
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "STREAMS", STREAM, ">");
    clock.advance(Duration.ofSeconds(2));
    SimulatedTask task = start("redis.claim.idle.ms", "1000", "redis.max.deliveries", "3");

    // when the connection breaks each time after the entries were read
    int[] left = {10};
    redis.faults(
        command ->
            command.toString().startsWith("XREADGROUP")
                    && Long.valueOf(3).equals(claimed())
                    && left[0]-- > 0
                ? Fault.Break.AFTER_EXECUTION
                : null);
    for (int i = 0; i < 20; i++) {
      run(task);
      clock.advance(Duration.ofSeconds(2));
    }

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(redis.call("EXISTS", "claims:failed")).isEqualTo(0L);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aStreamThatIsGoneWhileFormerLanesAreLookedForIsOnlyALostGroup() {
    // given a read that was answered already
    List<String> added = add(1);
    SimulatedTask task = start();
    run(task);
    added.addAll(add(1));
    task.poll();
    clock.advance(Duration.ofMinutes(2));

    // when everything is gone before the task asks who has what pending
    int[] seen = {0};
    redis.faults(
        command -> {
          if (command.name().equals("XINFO")
              && subcommand(command).equals("CONSUMERS")
              && seen[0]++ == 0) {
            redis.flushAll();
          }
          return null;
        });
    run(task);
    added.addAll(add(1));
    clock.advance(Duration.ofMillis(100));
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(seen[0]).isPositive();
    assertThat(connect.committed()).contains(added.get(2));
  }

  private static String subcommand(Command command) {
    return new String(command.arguments().get(0), StandardCharsets.UTF_8);
  }

  private Object claimed() {
    return (long)
        Replies.list(redis.call("XPENDING", STREAM, GROUP, "-", "+", 10, "c-claimed")).size();
  }

  private static boolean readsSweepNote(Command command) {
    return command.name().equals("GET") && command.toString().contains(":sweep:");
  }

  @Test
  void entriesAtBothEndsOfWhatAnIdCanBeAreReadAndAcknowledgedOverRestarts() {
    // given entries that a consumer left pending
    String lowest = STREAM + "/" + new EntryId(0, 1);
    String highest = STREAM + "/" + EntryId.MAX;
    redis.call("XADD", STREAM, id(lowest), "claim_id", "CLM-1");
    redis.call("XADD", STREAM, id(highest), "claim_id", "CLM-2");
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");

    // when
    SimulatedTask first = start();
    run(first);
    SimulatedTask second = start();
    run(second);

    // then
    assertThat(first.failure()).isEmpty();
    assertThat(second.failure()).isEmpty();
    assertThat(connect.committed()).containsExactly(lowest, highest);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void entriesAtBothEndsOfWhatAnIdCanBeAreReadAsNewOnes() {
    // given
    SimulatedTask task = start("redis.consumers.per.stream", "2");
    run(task);
    String lowest = STREAM + "/" + new EntryId(0, 1);
    String highest = STREAM + "/" + EntryId.MAX;

    // when
    redis.call("XADD", STREAM, id(lowest), "claim_id", "CLM-1");
    run(task);
    redis.call("XADD", STREAM, id(highest), "claim_id", "CLM-2");
    run(task);
    // and the group is lost with all it knew
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).startsWith(lowest).contains(highest);
    assertThat(pending()).isEqualTo(0L);
  }
}
