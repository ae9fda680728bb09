/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits, or is in doubt, while Redis refuses, freezes or fails over. */
class DoubtScenarioTest {
  private static final String STREAM = "claims:events";
  private static final String GROUP = "claims-processors";
  private static final String FAILED = "claims:failed";
  private static final FaultPlan FULL =
      FaultPlan.always(
          command -> command.name().equals("XADD"),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedConnect connect = new SimulatedConnect(redis, clock, true);

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

  /** "Not pending" after a failover says nothing about the dead letter. */
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
    for (int i = 0; i < 5; i++) {
      task.poll();
    }
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
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-0", "STREAMS", STREAM, ">");
    redis.call("XTRIM", STREAM, "MAXLEN", 4);

    SimulatedTask task = start();
    for (int i = 0; i < polls; i++) {
      task.poll();
      task.commit();
    }
    redis.killConnections();
    // Connect commits offsets once a minute only: the reader is back first
    for (int i = 0; i < 10; i++) {
      task.poll();
    }
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added.subList(6, 10));
    assertThat(pending()).isEqualTo(0L);
  }

  /** A dead letter that waits acknowledges another entry that got its id. */
  @Test
  void aDeadLetterThatWaitsDoesNotAcknowledgeAnotherEntryWithItsId() {
    String[] settings = {
      "errors.deadletterqueue.topic.name", "claims.failed", "errors.retry.delay.max.ms", "60000"
    };
    SimulatedTask task = start(settings);
    add(1);
    run(task);
    FakeRedis.Snapshot replica = redis.snapshot();
    String id = addBad();
    redis.faults(FULL);
    for (int i = 0; i < 30; i++) {
      run(task);
    }
    assertThat(connect.deadLetters()).hasSize(1);

    // a replica that lagged gives the id out again, and it is read before the next try
    redis.faults(FaultPlan.none());
    redis.comeBackAs(replica);
    redis.call("XADD", STREAM, id, "claim_id", "good");
    for (int i = 0; i < 10; i++) {
      task.poll();
    }
    assertThat(pending()).isEqualTo(1L);
    clock.advance(Duration.ofMinutes(2));
    task.poll();
    task.poll();
    // Kafka has not got it: the task dies with its transaction
    assertThat(pending()).isEqualTo(1L);

    runLong(start(settings));
    assertThat(connect.committed()).contains(STREAM + "/" + id);
  }

  /** The lock of DeadLetters is held over I/O, and Connect's producer thread needs it. */
  @Test
  void theProducersThreadDoesNotWaitWhileAnotherOneTalksToAFrozenRedis() throws Exception {
    SimulatedTask task = start("errors.deadletterqueue.topic.name", "claims.failed");
    run(task);
    addBad();
    task.poll();
    task.poll();
    task.commit();
    task.tell();
    addBad();
    redis.faults(FULL);
    for (int i = 0; i < 5; i++) {
      task.poll();
    }
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

  private SimulatedTask start(String... settings) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put("redis.streams", STREAM);
    connector.put("redis.read.block.ms", "1");
    connector.put("errors.retry.delay.max.ms", "100");
    connector.put("event.format", "generic");
    connector.put("errors.tolerance", "all");
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
    return connect.start(connector, 1).get(0);
  }

  private List<String> add(int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object id = redis.call("XADD", STREAM, "*", "claim_id", "CLM-" + i);
      added.add(STREAM + "/" + Replies.text(id));
    }
    clock.advance(Duration.ofMillis(5));
    return added;
  }

  /** An entry with a field twice. */
  private String addBad() {
    Object id = redis.call("XADD", STREAM, "*", "claim_id", "B", "a", 1, "a", 2);
    clock.advance(Duration.ofMillis(5));
    return String.valueOf(Replies.text(id));
  }

  private static void run(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      task.poll();
      task.commit();
      task.tell();
      task.flush();
    }
  }

  private void runLong(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      run(task);
      clock.advance(Duration.ofMinutes(1));
    }
  }

  private Object pending() {
    return Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }

  private long failed() {
    return Long.valueOf(0).equals(redis.call("EXISTS", FAILED))
        ? 0
        : (Long) redis.call("XLEN", FAILED);
  }
}
