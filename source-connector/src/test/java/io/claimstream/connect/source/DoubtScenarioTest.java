/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Work that waits or whose outcome is unknown while Redis rejects commands, freezes or fails over.
 */
class DoubtScenarioTest extends Scenario {
  DoubtScenarioTest() {
    super("errors.tolerance", "all");
  }

  /** XADD fails inside EXEC, XACK beside it does not. */
  @Test
  void aDeadLetterThatRedisRefusesForGoodLeavesItsEntryPending() {
    SimulatedTask task = start();
    run(task);
    redis.call("SET", FAILED, "somebody else's");
    addBad();
    run(task);

    assertThat(task.failure()).contains("WRONGTYPE");
    assertThat(pending()).isEqualTo(1L);
  }

  /** After a failover, "not pending" does not show that the dead letter was written. */
  @Test
  void aDeadLetterInDoubtIsNotTakenForDoneByAReplicaThatNeverGaveTheEntryOut() {
    SimulatedTask task = start();
    add(1);
    run(task);
    addBad();
    List<String> behind = add(1);
    FakeRedis.Snapshot replica = redis.snapshot();
    redis.faults(
        FaultPlan.always(command -> command.name().equals("XADD"), Fault.Break.BEFORE_EXECUTION));
    poll(task, 5);
    redis.faults(FaultPlan.none());
    redis.comeBackAs(replica);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).containsAll(behind);
    assertThat(failed()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aConnectionThatBreaksBeforeATrimmedEntryIsAcknowledgedRepeatsNothing(int polls) {
    List<String> added = add(10);
    giveTo("c-0");
    redis.call("XTRIM", STREAM, "MAXLEN", 4);

    SimulatedTask task = start();
    for (int i = 0; i < polls; i++) {
      task.poll();
      task.commit();
    }
    redis.killConnections();
    // Connect commits offsets only once a minute, so the reader reconnects first
    poll(task, 10);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added.subList(6, 10));
    assertThat(pending()).isEqualTo(0L);
  }

  /** A waiting dead letter must not acknowledge another entry that got its id. */
  @Test
  void aDeadLetterThatWaitsDoesNotAcknowledgeAnotherEntryWithItsId() {
    String[] settings = {
      "errors.deadletterqueue.topic.name", "claims.failed", "errors.retry.delay.max.ms", "60000"
    };
    SimulatedTask task = start(settings);
    add(1);
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    String id = id(addBad());
    redis.faults(FULL);
    for (int i = 0; i < 30; i++) {
      run(task);
    }
    assertThat(connect.deadLetters()).hasSize(1);

    // a lagging replica assigns the id again, and the entry is read before the next attempt
    redis.faults(FaultPlan.none());
    redis.comeBackAs(replica);
    redis.call("XADD", STREAM, id, "claim_id", "good");
    poll(task, 10);
    assertThat(pending()).isEqualTo(1L);
    clock.advance(Duration.ofMinutes(2));
    poll(task, 2);
    // Kafka does not have it: the task dies with its transaction
    assertThat(pending()).isEqualTo(1L);

    runLong(start(settings));
    assertThat(connect.committed()).contains(STREAM + "/" + id);
  }

  /** The writer holds its lock during I/O; Connect's producer thread must not need it. */
  @Test
  void theProducersThreadDoesNotWaitWhileAnotherOneTalksToAFrozenRedis() throws Exception {
    SimulatedTask task = start("errors.deadletterqueue.topic.name", "claims.failed");
    run(task);
    addBad();
    poll(task, 2);
    task.commit();
    task.tell();
    addBad();
    redis.faults(FULL);
    poll(task, 5);
    task.commit();
    assertThat(connect.deadLetters()).hasSize(2);
    clock.advance(Duration.ofMinutes(1));

    CountDownLatch frozen = new CountDownLatch(1);
    CountDownLatch thaw = new CountDownLatch(1);
    redis.faults(
        command -> {
          if (command.name().equals("XADD")) {
            frozen.countDown();
            try {
              thaw.await(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
          return null;
        });
    Thread commits = new Thread(task::flush);
    commits.start();
    assertThat(frozen.await(5, TimeUnit.SECONDS)).isTrue();
    Thread producer = new Thread(task::tell);
    producer.start();
    producer.join(1_000);
    boolean waits = producer.isAlive();
    thaw.countDown();
    commits.join();
    producer.join();
    assertThat(waits).isFalse();
  }
}
