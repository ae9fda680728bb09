/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A Redis at its {@code maxmemory}: the program that trims acknowledged entries waits for the
 * source, so the source must not wait for memory.
 */
class FullRedisScenarioTest extends Scenario {
  private static final String OWNER = "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":c-0";
  private static final int MANY = 12_000;

  @Test
  void aRunningConsumerReadsOnAndAcknowledges() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    run(task);

    // when
    redis.full(true);
    added.addAll(add(30));
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aConsumerThatStartsReadsWhatIsPendingAndWhatIsNew() {
    // given entries that a dead task had read, and others
    List<String> added = add(30);
    SimulatedTask died = start("redis.read.count", "5");
    poll(died, 2);
    assertThat(pending()).isNotEqualTo(0L);

    // when
    redis.full(true);
    SimulatedTask task = start();
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aReconnectingConsumerLosesNothingAndRepeatsNothing() {
    // given
    List<String> added = add(10);
    SimulatedTask task = start();
    run(task);
    redis.full(true);

    // when
    for (int i = 0; i < 5; i++) {
      added.addAll(add(5));
      task.poll();
      redis.killConnections();
      run(task);
    }

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void severalConsumersStartAndRead() {
    // given
    List<String> added = add(40);

    // when the group does not exist
    redis.full(true);
    List<SimulatedTask> tasks =
        startTasks(3, "redis.consumers.per.stream", "3", "redis.read.count", "4");
    run(tasks.toArray(SimulatedTask[]::new));

    // then
    assertThat(tasks).extracting(SimulatedTask::failure).containsOnly("");
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aNewGroupIsCreated() {
    // given
    List<String> added = add(5);

    // when
    redis.full(true);
    SimulatedTask task = start();
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aLostGroupIsRecreated() {
    // given
    List<String> added = add(5);
    SimulatedTask task = start();
    run(task);

    // when
    redis.full(true);
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    added.addAll(add(5));
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void entriesOfOtherProgramsAreTakenOver() {
    // given
    List<String> added = add(5);
    giveTo("other");
    clock.advance(Duration.ofMinutes(1));

    // when
    redis.full(true);
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void onlyADeadLetterAndItsStreamWaitForMemory() {
    // given
    List<String> before = add(3);
    addBad();
    List<String> after = add(3);
    String other = "claims:other";
    String elsewhere = add(other, 1).get(0);

    // when
    redis.full(true);
    SimulatedTask task = start("redis.streams", STREAM + "," + other, "errors.tolerance", "all");
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).contains(elsewhere).containsAll(before);
    assertThat(failed()).isEqualTo(0L);

    // when
    redis.full(false);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isEqualTo(1L);
    assertThat(connect.committed()).containsAll(after).hasSize(7);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aTaskThatWasReplacedIsStillFenced() {
    // given
    add(5);
    SimulatedTask older = start();
    run(older);
    redis.full(true);
    run(older);

    // when
    SimulatedTask newer = start();
    run(newer);
    List<String> added = add(5);
    poll(older, 2);
    run(newer);

    // then
    assertThat(older.failure()).contains("is owned by a newer task");
    assertThat(newer.failure()).isEmpty();
    assertThat(connect.committed()).endsWith(added.toArray(String[]::new)).hasSize(10);
  }

  @Test
  void aLateReadFromABrokenConnectionLeavesNoEntryPending() {
    // given a read of the same task that reaches Redis only after the task has reconnected
    List<String> added = add(5);
    SimulatedTask task = start();
    run(task);
    redis.full(true);
    run(task);
    redis.faults(FaultPlan.once(1, FaultPlan.named("EVAL"), new Fault.Late(60)));
    added.addAll(add(5));

    // when
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void moreAcknowledgementsThanAScriptCanHandOverInOneCommand() {
    // given a great many entries that are in Kafka and still pending
    List<String> added = add(MANY);
    SimulatedTask task = start("redis.read.count", "1000");
    poll(task, 40);
    task.commit();
    task.tell();

    // when
    redis.full(true);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void transactionsAreUsedAgainOnceThereIsMemory() {
    // given
    SimulatedTask task = start();
    redis.full(true);
    add(5);
    run(task);

    // when
    redis.full(false);
    run(task);
    count();
    List<String> added = add(5);
    run(task);

    // then
    assertThat(connect.committed()).endsWith(added.toArray(String[]::new)).hasSize(10);
    assertThat(calls).doesNotContainKey("EVAL").containsKey("MULTI");
  }

  @Test
  void anOwnerKeyThatWasDeletedIsWrittenAgain() {
    // given
    SimulatedTask task = start();
    redis.full(true);
    run(task);

    // when
    redis.call("DEL", OWNER);
    List<String> added = add(5);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(redis.call("EXISTS", OWNER)).isEqualTo(1L);
  }

  @Test
  void aUserWhoMayNotRunScriptsWaitsForMemoryInsteadOfFailing() {
    // given
    SimulatedTask task = start();
    run(task);
    redis.full(true);
    redis.faults(
        FaultPlan.always(
            FaultPlan.named("EVAL"),
            new Fault.Refusal("NOPERM this user has no permissions to run the 'eval' command")));
    List<String> added = add(5);
    run(task);
    assertThat(connect.committed()).isEmpty();

    // when
    redis.full(false);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void anExhaustedRetryNamesTheMissingPermission() {
    // given
    SimulatedTask task = start("errors.retry.timeout", "0");
    run(task);
    redis.full(true);
    redis.faults(
        FaultPlan.always(
            FaultPlan.named("EVAL"),
            new Fault.Refusal("NOPERM this user has no permissions to run the 'eval' command")));

    // when
    add(5);
    run(task);

    // then
    assertThat(task.failure()).contains(STREAM, "maxmemory", "+eval", "redis.username");
  }
}
