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
import org.junit.jupiter.api.Test;

/**
 * A Redis at its {@code maxmemory}: who trims what was acknowledged waits for the source, so that
 * it must not wait for memory.
 */
class FullRedisScenarioTest {
  private static final String STREAM = "claims:events";
  private static final String GROUP = "claims-processors";
  private static final String OWNER = "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":c-0";
  private static final int MANY = 12_000;

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

  private static void run(SimulatedTask... tasks) {
    run(20, tasks);
  }

  private static void run(int turns, SimulatedTask... tasks) {
    for (int turn = 0; turn < turns; turn++) {
      for (SimulatedTask task : tasks) {
        task.poll();
        task.commit();
        task.tell();
        task.flush();
      }
    }
  }

  private Object pending() {
    return Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }

  private void count() {
    calls.clear();
    redis.faults(
        command -> {
          calls.merge(command.name(), 1, Integer::sum);
          return null;
        });
  }

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
    // given entries that a task that died had read, and others
    List<String> added = add(30);
    SimulatedTask died = start("redis.read.count", "5");
    died.poll();
    died.poll();
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
  void aConsumerThatConnectsAgainLosesNothingAndRepeatsNothing() {
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

    // when not even the group is there
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
  void aNewGroupIsMade() {
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
  void aGroupThatIsLostIsMadeAgain() {
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
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "other", "STREAMS", STREAM, ">");
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
    redis.call("XADD", STREAM, "*", "claim_id", "B", "a", 1, "a", 2);
    List<String> after = add(3);
    String other = "claims:other";
    String elsewhere =
        other + "/" + Replies.text(redis.call("XADD", other, "*", "claim_id", "CLM-1"));
    clock.advance(Duration.ofMillis(5));

    // when
    redis.full(true);
    SimulatedTask task = start("redis.streams", STREAM + "," + other, "errors.tolerance", "all");
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).contains(elsewhere).containsAll(before);
    assertThat(redis.call("EXISTS", "claims:failed")).isEqualTo(0L);

    // when
    redis.full(false);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(redis.call("XLEN", "claims:failed")).isEqualTo(1L);
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
    older.poll();
    older.poll();
    run(newer);

    // then
    assertThat(older.failure()).contains("belongs to a newer task");
    assertThat(newer.failure()).isEmpty();
    assertThat(connect.committed()).endsWith(added.toArray(String[]::new)).hasSize(10);
  }

  @Test
  void aReadThatComesLateFromABrokenConnectionStrandsNothing() {
    // given a read of this very task that Redis gets only after the task has connected again
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
    for (int i = 0; i < 40; i++) {
      task.poll();
    }
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
  void aWaitThatIsOverTellsWhichRightWouldHaveHelped() {
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
