/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.replay.GroupMove;
import io.claimstream.connect.source.replay.ReplayRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A group that is lost or moved back, and a stream that is truncated or replaced. */
class LostGroupTest extends Scenario {
  /** What happens between two commands is tried before each of a task's first ones. */
  private static final int MOMENTS = 30;

  private String position() {
    Object group = Replies.list(redis.call("XINFO", "GROUPS", STREAM)).get(0);
    return String.valueOf(Replies.text(Replies.map(group).get("last-delivered-id")));
  }

  @Test
  void aGroupLostBeforeAnyReadDoesNotStartAtTheEndAgain() {
    // given a connector that reads only new entries and has received none yet
    add(3);
    SimulatedTask task = start("redis.start.id", "$");
    run(task);

    // when entries are added while the group is missing
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    List<String> added = add(3);
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void consumersThatNeverReadDoNotStartAtTheEndAgainEither() {
    // given
    add(3);
    run(start("redis.start.id", "$", "redis.consumers.per.stream", "3"));

    // when the group is lost and entries are added while no task runs
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

    // then no entry is read again
    assertThat(position()).isEqualTo(id(added.get(9)));
    run(task);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aRecreatedStreamBelowTheOffsetIsReadFromItsBeginning() {
    // given a connector that has read a stream
    List<String> all = add(10);
    SimulatedTask task = start();
    run(task);

    // when the stream is deleted and refilled by a server whose clock is behind
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
  void anIdThatWasInFlightWhenRedisLostItBelongsToAnotherEntryAfterThat() {
    // given a record in flight to Kafka, for an entry that the replica does not have
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    all.addAll(add(1));
    poll(task, 2);

    // when the replica assigns the same id to another entry
    redis.comeBackAs(replica);
    run(task);
    all.add(addAt(id(all.get(3))));
    run(task);

    // then both are in Kafka, and a restart repeats nothing
    run(start());
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void entriesThatGetLowIdsBeforeTheTaskIsConnectedAgainAreReadOnce() {
    // given a task that has read entries that the replica has and entries that it lacks
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    all.addAll(add(3));
    run(task);

    // when the replica gets entries below and above Connect's offset
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

  @Test
  void theLastConsumerOfSeveralReadsReusedIdsBelowItsOffset() {
    // given a connector that was scaled down to one consumer, which has read nothing alone yet
    List<String> all = add(3);
    for (SimulatedTask task : startTasks(2, "redis.consumers.per.stream", "2")) {
      run(task);
    }
    SimulatedTask task = start();
    poll(task, 2);
    FakeRedis.Snapshot replica = redis.snapshot();

    // when Redis loses the entries that it reads next, and reuses lower ids
    all.addAll(add(2));
    run(task);
    assertThat(connect.committed()).isEqualTo(all);
    redis.comeBackAs(replica);
    String last = id(all.get(2));
    all.add(addAt(last.substring(0, last.indexOf('-')) + "-100"));
    run(task);
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(all);
    assertThat(pending()).isEqualTo(0L);
  }

  /** Renames the stream away with two unread entries; a new stream takes its place. */
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
  void aReplayDeletesTheEpochs() {
    // given a connector whose offset went back
    List<String> all = add(3);
    SimulatedTask task = start();
    run(task);
    redis.call("DEL", STREAM);
    run(task);
    all.add(addAt("1000-0"));
    run(task);

    // when
    GroupMove move = new GroupMove(redis, "c", 1, StartPosition.parse("0"), true);
    move.apply(
        new ReplayRequest(Map.of(new ConsumerGroup(STREAM, GROUP), Optional.of(EntryId.ZERO))));

    // then
    assertThat(redis.call("EXISTS", "claimstream:v1:epoch:{" + STREAM + "}:" + GROUP + ":c-0"))
        .isEqualTo(0L);
  }

  @Test
  void aRecreatedStreamAboveTheOffsetIsReadOn() {
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
  void aGroupThatAnotherClientMovesBackRepeatsNothing() {
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

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aGroupMovedBackBehindWhatAFormerConsumerReadRepeatsNothing(int starts) {
    // given two consumers, the second of which read last, and then only the first
    List<SimulatedTask> both = startTasks(2, "redis.consumers.per.stream", "2");
    List<String> added = new ArrayList<>(add(3));
    run(both.get(0));
    added.addAll(add(3));
    run(both.get(1));
    SimulatedTask alone = start();
    for (int i = 1; i < starts; i++) {
      run(alone);
      alone = start();
    }
    added.addAll(add(2));
    run(alone);

    // when
    redis.call("XGROUP", "SETID", STREAM, GROUP, id(added.get(0)));
    added.addAll(add(1));
    run(alone);

    // then
    assertThat(connect.committed()).containsExactlyElementsOf(added);
    assertThat(pending()).isZero();
  }

  @Test
  void aGroupThatLostReadsOfTheLastOfSeveralConsumersIsMovedForward() {
    // given two consumers, the first of which read last, and then only that one
    List<SimulatedTask> both = startTasks(2, "redis.consumers.per.stream", "2");
    List<String> added = new ArrayList<>(add(3));
    run(both.get(1));
    added.addAll(add(4));
    run(both.get(0));
    SimulatedTask alone = start();
    run(alone);

    // when Redis comes back with a position above what the other one has read
    redis.stop();
    run(alone);
    redis.start();
    redis.call("XGROUP", "SETID", STREAM, GROUP, id(added.get(4)));
    run(alone);

    // then
    assertThat(connect.committed()).containsExactlyElementsOf(added);
    assertThat(position()).isEqualTo(id(added.get(6)));
  }

  @Test
  void anOldOffsetOfAFormerConsumerHidesNoEntriesOfAnotherStream() {
    // given an offset above all ids, of a time before Redis lost data
    connect.store(
        Map.of("stream", STREAM, "group", GROUP, "consumer", "c-1"),
        Map.of("id", "1867225600000-0"));
    List<String> all = new ArrayList<>(add(3));
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XGROUP", "CREATECONSUMER", STREAM, GROUP, "c-1");
    SimulatedTask task = start();
    run(task);

    // when a stream with two unread entries takes the place of the one that was read on
    for (String record : all) {
      redis.call("XADD", "other", id(record), "claim_id", "x");
    }
    redis.call("XGROUP", "CREATE", "other", GROUP, id(all.get(2)));
    List<String> unread = add("other", 2);
    clock.advance(Duration.ofMillis(10));
    all.addAll(add(1));
    run(task);
    redis.call("RENAME", "other", STREAM);
    run(task);
    run(task);

    // then
    unread.forEach(record -> all.add(STREAM + "/" + id(record)));
    assertThat(connect.committed()).containsExactlyElementsOf(all);
  }

  @Test
  void offsetsOfFormerConsumersAreOnlyLookedUpIfThereAreAny() {
    String streams = IntStream.range(0, 50).mapToObj(i -> "s" + i).collect(joining(","));
    for (String stream : List.of(streams.split(",", -1))) {
      add(stream, 1);
    }
    run(start("redis.streams", streams));

    int before = connect.lookUps();
    run(start("redis.streams", streams));

    assertThat(connect.lookUps() - before).isEqualTo(1);
  }

  /** The reply to a consumer's first read after that is lost; another consumer detects it. */
  @Test
  void entriesAConsumerNeverReceivedFromAGroupMovedBackAreEmittedAfterACrash() {
    // given two entries that one consumer has not delivered to Kafka, and two later ones that
    // another has
    String[] lanes = {"redis.consumers.per.stream", "2"};
    List<String> added = add(2);
    List<SimulatedTask> tasks = startTasks(2, lanes);
    poll(tasks.get(1), 2);
    added.addAll(add(2));
    run(tasks.get(0));
    assertThat(connect.committed()).isEqualTo(added.subList(2, 4));
    tasks.get(1).poll();

    // when the group is moved back, and the later consumer's worker dies before the reply to its
    // read
    redis.call("XGROUP", "SETID", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", 2, "STREAMS", STREAM, ">");
    poll(tasks.get(1), 2);
    startTasks(2, lanes).forEach(Scenario::run);

    // then
    assertThat(connect.committed()).containsAll(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aGroupMovedBackWhileNoTaskReadIsDetectedByThePendingEntriesAboveIt() {
    // given alternating entries of two consumers, none in Kafka, and a group that was moved back
    String[] lanes = {"redis.consumers.per.stream", "2"};
    List<String> added = add(4);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    for (int i = 0; i < 4; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, "c-" + i % 2, "COUNT", 1, "STREAMS", STREAM, ">");
    }
    redis.call("XGROUP", "SETID", STREAM, GROUP, id(added.get(0)));

    // when one consumer delivers its own to Kafka and dies before the reply to its next read
    SimulatedTask task = startTasks(2, lanes).get(0);
    while (connect.committed().size() < 2) {
      task.turn();
    }
    assertThat(connect.committed()).containsExactly(added.get(0), added.get(2));
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", 3, "STREAMS", STREAM, ">");
    startTasks(2, lanes).forEach(Scenario::run);

    // then
    assertThat(connect.committed()).containsAll(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aGroupThatAnotherConsumerReadsDuringAReconnectIsNotTakenForMovedBack() {
    int moments = 1;
    for (int nth = 1; nth <= moments; nth++) {
      // given a consumer whose task died between its transaction and its acknowledgements
      redis.flushAll();
      connect = new SimulatedConnect(redis, clock, true);
      String[] lanes = {"redis.consumers.per.stream", "2"};
      List<String> added = add(2);
      SimulatedTask died = startTasks(2, lanes).get(1);
      poll(died, 2);
      died.commit();
      assertThat(connect.committed()).isEqualTo(added);
      SimulatedTask task = startTasks(2, lanes).get(1);

      // when the other consumer reads on
      added.addAll(add(1));
      int commands =
          pollWhile(task, nth, "XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
      moments = Math.max(moments, Math.min(commands, MOMENTS));
      startTasks(2, lanes).forEach(Scenario::run);

      // then nothing is produced twice
      assertThat(connect.committed()).as("read before command %d", nth).isEqualTo(added);
      assertThat(pending()).isEqualTo(0L);
    }
    assertThat(moments).isGreaterThan(10);
  }

  /**
   * Polls a task until it has read, while somebody else has a command executed.
   *
   * @param nth before which command of the task, from 1; none of a transaction is counted
   * @return how many commands it has sent
   */
  private int pollWhile(SimulatedTask task, int nth, String command, Object... arguments) {
    int[] commands = {0};
    redis.between(
        next -> {
          if (++commands[0] == nth) {
            redis.call(command, arguments);
          }
        });
    poll(task, 2);
    redis.between(next -> {});
    return commands[0];
  }

  /** At each moment of a new task's start in turn: most of them are between two commands. */
  @Test
  void entriesThatWerePendingWhenTheGroupWasLostAreReadAgainWheneverThatHappens() {
    int moments = 1;
    for (int nth = 1; nth <= moments; nth++) {
      // given a task that died with entries that it had read, and nothing in Kafka
      redis.flushAll();
      connect = new SimulatedConnect(redis, clock, true);
      List<String> added = add(2);
      poll(start(), 2);
      SimulatedTask task = start();

      // when the group is lost
      int commands = pollWhile(task, nth, "XGROUP", "DESTROY", STREAM, GROUP);
      moments = Math.max(moments, Math.min(commands, MOMENTS));
      run(task);

      // then
      assertThat(connect.committed()).as("lost before command %d", nth).isEqualTo(added);
    }
    assertThat(moments).isGreaterThan(10);
  }

  @Test
  void aLostGroupIsLookedUpOnce() {
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
  void aStreamDeletedWhileFormerConsumersAreRecoveredIsHandledAsALostGroup() {
    // given a read whose reply has arrived
    List<String> added = add(1);
    SimulatedTask task = start();
    run(task);
    added.addAll(add(1));
    task.poll();
    clock.advance(Duration.ofMinutes(2));

    // when all data is lost before the task looks up the pending entries
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
    // and the group is lost with its state
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).startsWith(lowest).contains(highest);
    assertThat(pending()).isEqualTo(0L);
  }
}
