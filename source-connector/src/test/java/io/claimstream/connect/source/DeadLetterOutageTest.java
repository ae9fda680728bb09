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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters that wait because Redis does not take them. */
class DeadLetterOutageTest {
  private static final String STREAM = "claims:events";
  private static final String OTHER = "claims:others";
  private static final String GROUP = "claims-processors";
  private static final String FAILED = "claims:failed";
  private static final FaultPlan FULL =
      FaultPlan.always(
          command -> command.name().equals("XADD"),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis(clock);
  private final SimulatedConnect connect = new SimulatedConnect(redis, clock, true);

  @Test
  void aStreamGoesOnThoughItsGroupWasLostWhileADeadLetterWaited() {
    SimulatedTask task = start(STREAM);
    run(task);
    addBad(STREAM);
    redis.faults(FULL);
    run(task);
    assertThat(failed()).isZero();

    // when somebody makes room by deleting the stream
    redis.call("DEL", STREAM);
    redis.faults(FaultPlan.none());
    List<String> added = add(STREAM, 5);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(failed()).isEqualTo(1);
  }

  @Test
  void aStreamGoesOnThoughRedisRestartedEmptyWhileADeadLetterWasOnItsWay() {
    SimulatedTask task = start(STREAM);
    run(task);
    addBad(STREAM);
    redis.faults(
        FaultPlan.always(command -> command.name().equals("XADD"), Fault.Break.BEFORE_EXECUTION));
    for (int i = 0; i < 5; i++) {
      task.poll();
    }
    redis.faults(FaultPlan.none());
    redis.flushAll();
    redis.killConnections();
    List<String> added = add(STREAM, 5);
    runLong(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void anEntryThatWasDroppedIsPutAsideThoughItsGroupWasLostMeanwhile() {
    SimulatedTask task = start(STREAM, "dropped.records", "dead-letter");
    run(task);
    List<String> added = add(STREAM, 3);
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
  void otherStreamsGoOnWhileADeadLetterOfOneWaits() {
    SimulatedTask task = start(STREAM + "," + OTHER);
    run(task);
    addBad(STREAM);
    List<String> behind = add(STREAM, 1);
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
  void aStreamIsNotReadOnWhileAsManyDeadLettersWaitAsOneReadBrings() {
    SimulatedConnect atLeastOnce = new SimulatedConnect(redis, clock, false);
    atLeastOnce.drop(record -> record.topic().equals(STREAM.replace(':', '.')));
    SimulatedTask task =
        start(
            atLeastOnce,
            STREAM + "," + OTHER,
            "dropped.records",
            "dead-letter",
            "redis.read.count",
            "10");
    run(task);
    for (int i = 0; i < 100; i++) {
      add(STREAM, 10);
      redis.faults(FULL);
      turn(task);
      redis.faults(FaultPlan.none());
    }
    assertThat((Long) Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0)).isLessThan(50);

    // the other stream has none, and is read
    List<String> others = add(OTHER, 5);
    redis.faults(FULL);
    run(task);
    assertThat(atLeastOnce.committed()).isEqualTo(others);

    // and the first one goes on when Redis takes them
    redis.faults(FaultPlan.none());
    for (int i = 0; i < 100; i++) {
      run(task);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(failed()).isEqualTo(1_000);
    assertThat(Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0)).isEqualTo(0L);
  }

  @Test
  void severalConsumersInOneTaskEachStopReadingWhileTheirDeadLettersWait() {
    SimulatedConnect atLeastOnce = new SimulatedConnect(redis, clock, false);
    atLeastOnce.drop(record -> true);
    SimulatedTask task =
        start(
            atLeastOnce,
            STREAM,
            "redis.consumers.per.stream",
            "3",
            "dropped.records",
            "dead-letter",
            "redis.read.count",
            "10");
    readOnFor500Turns(task, FULL);

    assertThat((Long) Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0)).isLessThan(150);
  }

  @Test
  void aStreamIsNotReadOnWhileRedisDoesNotTakeTheMarksOfWhatNothingHolds() {
    SimulatedConnect atLeastOnce = new SimulatedConnect(redis, clock, false);
    atLeastOnce.drop(record -> true);
    SimulatedTask task =
        start(
            atLeastOnce,
            STREAM,
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

    assertThat((Long) Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0)).isLessThan(50);
  }

  @Test
  void theProducersThreadDoesNotWaitForRedisWhenKafkaHasADeadLetter() {
    // given a dead letter on its way to Kafka
    SimulatedTask task =
        start(
            STREAM, "errors.deadletterqueue.topic.name", "claims.failed", "redis.read.count", "1");
    addBad(STREAM);
    for (int i = 0; i < 5; i++) {
      task.poll();
    }
    task.commit();
    assertThat(connect.deadLetters()).hasSize(1);

    // when the producer tells of it
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
    assertThat(Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0)).isEqualTo(0L);
  }

  @Test
  void aCommitThatComesAfterAStopDoesNotConnectAgain() {
    // given a task with a dead letter that waits, and entries to acknowledge
    SimulatedTask task = start(STREAM, "dropped.records", "dead-letter");
    run(task);
    List<String> added = add(STREAM, 3);
    connect.drop(record -> added.get(1).endsWith("/" + record.sourceOffset().get("id")));
    redis.faults(FULL);
    task.poll();
    task.poll();
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
      add(STREAM, 10);
      redis.faults(outage);
      turn(task);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTaskThatWasReplacedWritesNoDeadLettersAgain(boolean formerConsumer) {
    // given a task whose dead letters wait
    String lanes = formerConsumer ? "2" : "1";
    SimulatedTask old = start(STREAM, "redis.consumers.per.stream", lanes);
    run(old);
    addBad(STREAM);
    addBad(STREAM);
    redis.faults(FULL);
    run(old);

    // when its successor has written them
    redis.faults(FaultPlan.none());
    runLong(start(STREAM));
    assertThat(failed()).isEqualTo(2);
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofSeconds(10));
      old.poll();
    }

    // then
    assertThat(failed()).isEqualTo(2);
    assertThat(old.failure()).contains("belongs to a newer task");
  }

  private SimulatedTask start(String streams, String... settings) {
    return start(connect, streams, settings);
  }

  private static SimulatedTask start(SimulatedConnect connect, String streams, String... settings) {
    Map<String, String> connector = new HashMap<>();
    connector.put("name", "c");
    connector.put("redis.streams", streams);
    connector.put("redis.read.block.ms", "1");
    connector.put("errors.retry.delay.max.ms", "100");
    connector.put("event.format", "generic");
    connector.put("errors.tolerance", "all");
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
    return connect.start(connector, 1).get(0);
  }

  private List<String> add(String stream, int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object id = redis.call("XADD", stream, "*", "claim_id", "CLM-" + i);
      added.add(stream + "/" + Replies.text(id));
    }
    clock.advance(Duration.ofMillis(5));
    return added;
  }

  /** An entry with a field twice. */
  private void addBad(String stream) {
    redis.call("XADD", stream, "*", "claim_id", "B", "a", 1, "a", 2);
    clock.advance(Duration.ofMillis(5));
  }

  private static void turn(SimulatedTask task) {
    task.poll();
    task.commit();
    task.tell();
    task.flush();
  }

  private static void run(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      turn(task);
    }
  }

  private void runLong(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      run(task);
      clock.advance(Duration.ofMinutes(1));
    }
  }

  private long failed() {
    return Long.valueOf(0).equals(redis.call("EXISTS", FAILED))
        ? 0
        : (Long) redis.call("XLEN", FAILED);
  }
}
