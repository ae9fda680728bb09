/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters that wait because Redis rejects them or is unavailable. */
class DeadLetterOutageTest extends Scenario {
  private static final String OTHER = "claims:others";

  DeadLetterOutageTest() {
    super("errors.tolerance", "all");
  }

  @Test
  void aStreamContinuesAfterItsGroupIsLostWhileADeadLetterWaits() {
    SimulatedTask task = start();
    run(task);
    addBad();
    redis.faults(FULL);
    run(task);
    assertThat(failed()).isZero();

    // when another client frees memory by deleting the stream
    redis.call("DEL", STREAM);
    redis.faults(FaultPlan.none());
    List<String> added = add(5);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(failed()).isEqualTo(1);
  }

  @Test
  void aStreamContinuesAfterRedisRestartsEmptyWhileADeadLetterIsInFlight() {
    SimulatedTask task = start();
    run(task);
    addBad();
    redis.faults(
        FaultPlan.always(command -> command.name().equals("XADD"), Fault.Break.BEFORE_EXECUTION));
    poll(task, 5);
    redis.faults(FaultPlan.none());
    redis.flushAll();
    redis.killConnections();
    List<String> added = add(5);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aDroppedEntryIsDeadLetteredAlthoughItsGroupWasLostMeanwhile() {
    SimulatedTask task = start("dropped.records", "dead-letter");
    run(task);
    List<String> added = add(3);
    connect.drop(record -> added.get(1).endsWith("/" + record.sourceOffset().get("id")));
    redis.faults(FULL);
    run(task);
    redis.call("DEL", STREAM);
    redis.faults(FaultPlan.none());
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isEqualTo(1);
  }

  @Test
  void otherStreamsContinueWhileADeadLetterOfOneWaits() {
    SimulatedTask task = start("redis.streams", STREAM + "," + OTHER);
    run(task);
    addBad();
    List<String> behind = add(1);
    redis.faults(FULL);
    run(task);
    redis.faults(FaultPlan.none());
    List<String> others = add(OTHER, 3);
    redis.faults(FULL);

    run(task);
    assertThat(connect.committed()).isEqualTo(others);
    redis.faults(FaultPlan.none());
    runLong(task);

    assertThat(connect.committed()).containsAll(behind);
    assertThat(failed()).isEqualTo(1);
  }

  @Test
  void aStreamStopsReadingWhileAReadsWorthOfDeadLettersWaits() {
    withExactlyOnce(false);
    connect.drop(record -> record.topic().equals(STREAM.replace(':', '.')));
    SimulatedTask task =
        start(
            "redis.streams",
            STREAM + "," + OTHER,
            "dropped.records",
            "dead-letter",
            "redis.read.count",
            "10");
    run(task);
    for (int i = 0; i < 100; i++) {
      add(10);
      redis.faults(FULL);
      task.turn();
      redis.faults(FaultPlan.none());
    }
    assertThat(pending()).isLessThan(50);

    // the other stream has none and is read
    List<String> others = add(OTHER, 5);
    redis.faults(FULL);
    run(task);
    assertThat(connect.committed()).isEqualTo(others);

    // and the first one continues once Redis accepts them
    redis.faults(FaultPlan.none());
    for (int i = 0; i < 100; i++) {
      run(task);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(failed()).isEqualTo(1_000);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void severalConsumersInOneTaskEachStopReadingWhileTheirDeadLettersWait() {
    withExactlyOnce(false);
    connect.drop(record -> true);
    SimulatedTask task =
        start(
            "redis.consumers.per.stream",
            "3",
            "dropped.records",
            "dead-letter",
            "redis.read.count",
            "10");
    readOnFor500Turns(task, FULL);

    assertThat(pending()).isLessThan(150);
  }

  @Test
  void aStreamStopsReadingWhileRedisRejectsTheMarksOfUnwrittenDeadLetters() {
    withExactlyOnce(false);
    connect.drop(record -> true);
    SimulatedTask task =
        start(
            "errors.deadletterqueue.topic.name",
            "claims.failed",
            "redis.failed.stream",
            "",
            "dropped.records",
            "dead-letter",
            "redis.read.count",
            "10");
    readOnFor500Turns(
        task,
        FaultPlan.always(
            command -> command.name().equals("XCLAIM"), new Fault.Refusal("BUSY a script")));

    assertThat(pending()).isLessThan(50);
  }

  @Test
  void theProducersThreadDoesNotWaitForRedisWhenKafkaHasADeadLetter() {
    // given a dead letter in flight to Kafka
    SimulatedTask task =
        start("errors.deadletterqueue.topic.name", "claims.failed", "redis.read.count", "1");
    addBad();
    poll(task, 5);
    task.commit();
    assertThat(connect.deadLetters()).hasSize(1);

    // when the producer confirms it
    List<String> commands = new ArrayList<>();
    redis.faults(
        command -> {
          commands.add(command.toString());
          return null;
        });
    task.tell();

    // then the entry is moved by the next commit
    assertThat(commands).isEmpty();
    task.flush();
    assertThat(failed()).isEqualTo(1);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aCommitAfterAStopDoesNotReconnect() {
    // given a task with a waiting dead letter and entries to acknowledge
    SimulatedTask task = start("dropped.records", "dead-letter");
    run(task);
    List<String> added = add(3);
    connect.drop(record -> added.get(1).endsWith("/" + record.sourceOffset().get("id")));
    redis.faults(FULL);
    poll(task, 2);
    task.stop();
    redis.faults(FaultPlan.none());
    assertThat(redis.openConnections()).isZero();

    // when
    clock.advance(Duration.ofMinutes(2));
    task.flush();

    // then
    assertThat(redis.openConnections()).isZero();
    assertThat(failed()).isZero();
  }

  private void readOnFor500Turns(SimulatedTask task, FaultPlan outage) {
    for (int i = 0; i < 500; i++) {
      redis.faults(FaultPlan.none());
      add(10);
      redis.faults(outage);
      task.turn();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTaskThatWasReplacedWritesNoDeadLettersAgain(boolean formerConsumer) {
    // given a task with waiting dead letters
    String lanes = formerConsumer ? "2" : "1";
    SimulatedTask old = start("redis.consumers.per.stream", lanes);
    run(old);
    addBad();
    addBad();
    redis.faults(FULL);
    run(old);

    // when its successor has written them
    redis.faults(FaultPlan.none());
    runLong(start());
    assertThat(failed()).isEqualTo(2);
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofSeconds(10));
      old.poll();
    }

    // then
    assertThat(failed()).isEqualTo(2);
    assertThat(old.failure()).contains("is owned by a newer task");
  }
}
