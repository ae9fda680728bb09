/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Pending entries: acknowledged once Kafka has them, retried, and dead-lettered after too many
 * deliveries.
 */
class PendingEntriesTest extends Scenario {
  /** A task that has emitted ten entries, all in Kafka, and acknowledged none. */
  private SimulatedTask withTenToAcknowledge() {
    add(10);
    SimulatedTask task = start();
    poll(task, 2);
    task.commit();
    task.tell();
    assertThat(pending()).isEqualTo(10L);
    return task;
  }

  @Test
  void aStoppedTaskLeavesNothingPendingThatKafkaHas() {
    // given a task whose acknowledgements are in a read that is in flight and never arrives
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

    // when the read that carries them finds its owner key changed
    redis.call("DEL", "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":c-0");
    poll(task, 5);

    // then
    assertThat(pending()).isEqualTo(0L);
    assertThat(task.failure()).isEmpty();
  }

  @Test
  void acknowledgementsThatTheCommitThreadCouldNotMakeAreMadeByItLater() {
    // given
    withExactlyOnce(false);
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
  void acknowledgementsThatWereLostWithoutAReplyAreRepeatedByTheNextPolls() {
    for (Fault.Break lost : Fault.Break.values()) {
      // given
      SimulatedTask task = withTenToAcknowledge();

      // when
      redis.faults(FaultPlan.once(1, FaultPlan.named("XACK"), lost));
      task.flush();
      clock.advance(Duration.ofSeconds(1));
      run(task);

      // then
      assertThat(pending()).isEqualTo(0L);
      assertThat(task.failure()).isEmpty();
    }
  }

  @Test
  void rejectedAcknowledgementsAreRetriedAndReported() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    poll(task, 2);
    task.commit();
    task.tell();

    // when the server becomes a replica and then a master again
    redis.faults(
        FaultPlan.always(PendingEntriesTest::writes, new Fault.Refusal("READONLY You can't")));
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
  void aServerThatRejectsWritesIsRetriedWithIncreasingBackoff() {
    // given
    SimulatedTask task = start("errors.retry.delay.max.ms", "10000");
    run(task);

    // when it rejects writes for 20 seconds
    FaultPlan refusals =
        FaultPlan.always(PendingEntriesTest::writes, new Fault.Refusal("READONLY You can't"));
    redis.faults(
        command -> {
          calls.merge(command.name(), 1, Integer::sum);
          return refusals.next(command);
        });
    poll(task, 100);

    // then
    assertThat(calls.get("SET")).isBetween(2, 15);
  }

  private static boolean writes(Command command) {
    return List.of("XACK", "XREADGROUP", "SET", "XGROUP").contains(command.name());
  }

  @Test
  void acknowledgementsWithoutPermissionFailTheTaskNamingTheCommand() {
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
  void entriesAreAcknowledgedWhileNoTaskReads() {
    // given a task that is paused while records are in flight
    add(10);
    SimulatedTask task = start();
    poll(task, 2);

    // when
    task.commit();
    task.tell();
    task.flush();

    // then
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void waitingForKafkaBeforeALastTryDoesNotKeepRedisBusy() {
    // given entries of which the first ones are in flight and the next is on its last attempt
    List<String> added = add(2);
    giveTo("c-0");
    redeliver("c-0", id(added.get(0)), 3);
    SimulatedTask task = start("redis.max.deliveries", "5");
    task.poll();

    // when Kafka is slow
    count();
    poll(task, 50);

    // then
    assertThat(calls.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(5);
    run(task);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
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

    // when the next one has checked half of them
    SimulatedTask task = start("redis.read.count", "100");
    poll(task, 3);

    // then
    assertThat(pending()).isEqualTo(200L);
    run(task);
    assertThat(pending()).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void anEntryDeliveredTooOftenIsDeadLetteredAndItsNeighboursArrive() {
    // given
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "COUNT", "1", "STREAMS", STREAM, ">");
    redeliver("c-0", "0", 6);

    // when
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added.subList(1, 3));
    assertThat(failed()).isEqualTo(1L);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void orderlyRestartsDeadLetterNoEntryHoweverFewDeliveriesAreAllowed() {
    // given a backlog of which each task reads more than it emits
    String[] settings = {"redis.max.deliveries", "1", "redis.read.count", "5"};
    List<String> added = add(60);

    // when
    for (int restart = 0; restart < 8; restart++) {
      SimulatedTask task = start(settings);
      for (int turn = 0; turn < 3; turn++) {
        task.turn();
      }
      task.poll();
      task.stop();
    }
    for (int i = 0; i < 5; i++) {
      run(start(settings));
    }

    // then
    assertThat(failed()).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void killsBeforeAnythingReachesKafkaDeadLetterNoEntryThatWasAloneLessThanThreeTimes() {
    // given workers that were killed as soon as they had read, until the limit was reached
    List<String> added = add(3);
    giveTo("c-0");
    redeliver("c-0", "0", 3);

    // when two more are killed with the first entry alone, and one each with the next two
    String[] settings = {"redis.max.deliveries", "5"};
    poll(start(settings), 2);
    poll(start(settings), 2);
    for (int i = 0; i < 2; i++) {
      SimulatedTask task = start(settings);
      task.turn();
      task.turn();
      poll(task, 2);
    }
    run(start(settings));

    // then
    assertThat(failed()).isEqualTo(0L);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anEntryWithWhichAloneThreeTasksDieIsDeadLetteredHoweverFewDeliveriesAreAllowed() {
    // given two entries that a task read together before it died
    List<String> added = add(2);
    String[] settings = {"redis.max.deliveries", "1"};
    poll(start(settings), 2);

    // when the next three die with the first of them alone
    for (int i = 0; i < 3; i++) {
      poll(start(settings), 2);
      assertThat(failed()).isEqualTo(0L);
    }
    run(start(settings));

    // then only that one is dead-lettered
    assertThat(failed()).isEqualTo(1L);
    assertThat(connect.committed()).containsExactly(added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anEntryThatEndsEveryTaskIsGivenUpAfterSevenOfThemAndDoesNotHoldUpTheOthers() {
    // given
    List<String> added = add(30);
    String poison = added.get(11);

    // when
    int deaths = 0;
    for (int restart = 0; restart < 10; restart++) {
      SimulatedTask task = start("redis.read.count", "7", "redis.max.deliveries", "5");
      boolean alive = true;
      for (int turn = 0; turn < 60 && alive; turn++) {
        task.poll();
        alive = !task.hasHandedOut(poison);
        if (alive) {
          task.commit();
          task.tell();
          task.flush();
        } else {
          deaths++;
        }
      }
    }

    // then
    assertThat(deaths).isEqualTo(7);
    assertThat(failed()).isEqualTo(1L);
    assertThat(connect.committed())
        .containsExactlyElementsOf(added.stream().filter(entry -> !entry.equals(poison)).toList());
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void repeatedlyLostRepliesDeadLetterNoEntry() {
    // given entries that a dead worker has left pending
    List<String> added = add(3);
    giveTo("c-0");

    // when the connection breaks whenever they are read again
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
    assertThat(failed()).isEqualTo(0L);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void trimmedPendingEntriesAreAcknowledgedOnce() {
    // given entries of a dead worker, some of them trimmed since
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

  @Test
  void aReadDelayedInTransitUntilTheTaskHasAnotherConnectionIsRejected() {
    // given a read that a proxy delays while the task reconnects and reads on
    List<String> added = add(2);
    SimulatedTask task = start("redis.read.count", "1");
    run(task);
    redis.faults(FaultPlan.once(1, FaultPlan.named("XREADGROUP"), new Fault.Late(30)));
    added.addAll(add(20));

    // when it arrives late
    run(task);
    run(task);
    run(start());

    // then the entries that it would have read are not skipped
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anEntryOnItsLastAttemptDoesNotWaitForeverForUnreportedRecords() {
    // given an entry that a filter drops, and one that was delivered often, both pending
    List<String> added = add(2);
    giveTo("c-0");
    redeliver("c-0", id(added.get(0)), 3);
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
  void entriesThatAFilterDropsAreWaitedForOnceBetweenTwoTriesAlone() {
    // given entries on their last tries, whose records a filter drops without Connect saying so
    List<String> added = add(3);
    giveTo("c-0");
    redeliver("c-0", "0", 4);
    connect.drop(record -> !id(added.get(2)).equals(record.sourceOffset().get("id")));

    // when
    SimulatedTask task = start("dropped.records", "acknowledge");
    for (int i = 0; i < 2; i++) {
      run(task);
      clock.advance(Duration.ofSeconds(10));
    }
    run(task);

    // then
    assertThat(connect.committed()).containsExactly(added.get(2));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void entriesAtBothEndsOfWhatAnIdCanBeAreReadAndAcknowledgedOverRestarts() {
    // given entries that a consumer left pending
    String lowest = STREAM + "/" + new EntryId(0, 1);
    String highest = STREAM + "/" + EntryId.MAX;
    redis.call("XADD", STREAM, id(lowest), "claim_id", "CLM-1");
    redis.call("XADD", STREAM, id(highest), "claim_id", "CLM-2");
    giveTo("c-0");

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
}
