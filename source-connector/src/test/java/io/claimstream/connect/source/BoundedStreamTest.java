/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams that the source trims: by length or age, and only what every group has acknowledged. */
class BoundedStreamTest extends Scenario {
  private static final String[] TO_TEN = {"redis.stream.max.length", "10"};

  BoundedStreamTest() {
    redis.entriesPerNode(1);
  }

  private long length() {
    return (long) requireNonNull(redis.call("XLEN", STREAM));
  }

  @Test
  void everythingIsKeptWithoutALimit() {
    // given
    add(100);
    SimulatedTask task = start();
    count();

    // when
    runLong(task);

    // then
    assertThat(length()).isEqualTo(100);
    assertThat(calls).doesNotContainKeys("EVAL", "EVALSHA");
  }

  @Test
  void acknowledgedEntriesAreTrimmedToTheLength() {
    // given
    List<String> added = add(100);

    // when
    SimulatedTask task = start(TO_TEN);
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void acknowledgedEntriesAreTrimmedByAge() {
    // given
    add(100);
    SimulatedTask task = start("redis.stream.retention.ms", "60000");
    run(task);
    assertThat(length()).isEqualTo(100);

    // when
    clock.advance(Duration.ofMinutes(2));
    add(5);
    run(task);

    // then
    assertThat(length()).as("the five, and the last that the group had read before").isLessThan(7);
  }

  @Test
  void entriesThatAnotherGroupHasNotAcknowledgedStay() {
    // given
    redis.call("XGROUP", "CREATE", STREAM, "reports", "0", "MKSTREAM");
    add(100);
    SimulatedTask task = start(TO_TEN);
    runLong(task);
    assertThat(length()).as("not read by reports").isEqualTo(100);

    // when
    redis.call("XREADGROUP", "GROUP", "reports", "r", "COUNT", 40, "STREAMS", STREAM, ">");
    runLong(task);
    assertThat(length()).as("pending in reports").isEqualTo(100);
    redis.call("XGROUP", "DELCONSUMER", STREAM, "reports", "r");
    runLong(task);

    // then
    assertThat(length()).as("the last that reports has read, and the unread").isEqualTo(61);
  }

  @Test
  void entriesInFlightStay() {
    // given
    add(100);
    SimulatedTask task = start("redis.stream.max.length", "1", "redis.read.count", "30");
    poll(task, 1);
    clock.advance(Duration.ofMinutes(1));

    // when read, and not in Kafka
    poll(task, 20);

    // then
    assertThat(length()).isEqualTo(100);

    // when
    run(task);

    // then
    assertThat(length()).isEqualTo(1);
  }

  @Test
  void nothingIsTrimmedWhileTheGroupIsLost() {
    // given a group that was destroyed before it had read the last entries
    List<String> added = add(20);
    SimulatedTask task = start(TO_TEN);
    run(task);
    redis.call("XGROUP", "CREATE", STREAM, "reports", "$");

    // when
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);
    added.addAll(add(50));
    redis.call("XGROUP", "SETID", STREAM, "reports", "$");
    clock.advance(Duration.ofMinutes(1));
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void onlyTheFirstConsumerOfAStreamTrims() {
    // given
    List<String> added = add(100);
    List<SimulatedTask> tasks =
        startTasks(
            3,
            "redis.consumers.per.stream",
            "3",
            "redis.read.count",
            "4",
            "redis.stream.max.length",
            "10");
    count();

    // when only the others read
    run(tasks.get(1), tasks.get(2));

    // then
    assertThat(calls).doesNotContainKeys("EVAL", "EVALSHA");

    // when
    run(40, tasks.toArray(SimulatedTask[]::new));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(added);
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void trimmingCostsNoRoundTripAndHappensEveryFewSeconds() {
    // given
    SimulatedTask task = start(TO_TEN);
    run(task);
    count();

    // when twenty polls take four seconds
    run(task);

    // then
    assertThat(calls.get("EVALSHA")).isBetween(1, 3);
  }

  @Test
  void aStreamThatIsFarTooLongIsTrimmedWithEachRead() {
    // given
    add(40_000);
    SimulatedTask task = start("redis.stream.max.length", "10", "redis.read.count", "20000");

    // when
    run(60, task);

    // then
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aFullRedisIsTrimmed() {
    // given
    List<String> added = add(100);
    redis.full(true);

    // when
    SimulatedTask task = start(TO_TEN);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aDeadLetterGetsTheMemoryThatTrimmingFrees() {
    // given a Redis that is full while the stream is long, and a task that nobody flushes
    List<String> added = add(100);
    addBad();
    added.addAll(add(50));
    redis.between(command -> redis.full(length() > 60));
    SimulatedTask task = start("redis.stream.max.length", "10", "errors.tolerance", "all");

    // when
    for (int i = 0; i < 100; i++) {
      task.poll();
      task.commit();
      task.tell();
    }

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isEqualTo(1);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aTaskThatDoesNotPollTrimsWhenItAcknowledges() {
    // given a paused task whose records reach Kafka
    add(100);
    SimulatedTask task = start(TO_TEN);
    poll(task, 10);
    clock.advance(Duration.ofMinutes(1));

    // when
    task.commit();
    task.tell();
    task.flush();

    // then
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aStreamThatCannotBeTrimmedNowIsReadOn() {
    // given
    redis.faults(
        FaultPlan.always(
            command -> command.name().startsWith("EVAL"),
            new Fault.Refusal("BUSY Redis is busy running a script.")));
    List<String> added = add(100);
    SimulatedTask task = start(TO_TEN);
    run(task);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(length()).isEqualTo(100);

    // when
    redis.faults(FaultPlan.none());
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aMissingRightFailsTheTaskAndIsNamed() {
    // given
    redis.faults(
        FaultPlan.always(
            command -> command.name().startsWith("EVAL"),
            new Fault.Refusal("NOPERM this user has no permissions to run the 'eval' command")));

    // when
    add(10);
    SimulatedTask task = start(TO_TEN);
    run(task);

    // then
    assertThat(task.failure())
        .contains(STREAM, "NOPERM", "redis.stream.max.length", "+evalsha +eval", "+xtrim", "+xlen");
  }

  @Test
  void aServerThatForgotTheScriptGetsItAgain() {
    // given
    SimulatedTask task = start(TO_TEN);
    run(task);

    // when
    redis.call("SCRIPT", "FLUSH");
    add(100);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(length()).isEqualTo(10);
  }

  @Test
  void aTaskThatWasReplacedTrimsNothingThatIsNeeded() {
    // given
    List<String> added = add(20);
    SimulatedTask older = start(TO_TEN);
    run(older);
    SimulatedTask newer = start("redis.read.count", "5");
    added.addAll(add(50));
    newer.poll();

    // when
    clock.advance(Duration.ofMinutes(1));
    poll(older, 5);
    run(newer);

    // then
    assertThat(older.failure()).contains("is owned by a newer task");
    assertThat(connect.committed()).isEqualTo(added);
  }
}
