/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Behaviour of a task while Redis is unavailable and once it is available again. */
class OutageScenarioTest extends Scenario {
  private void refuseNextDeadLetter(String error) {
    redis.faults(
        FaultPlan.once(1, command -> command.name().equals("XADD"), new Fault.Refusal(error)));
  }

  /**
   * A task whose dead letter failed by an outage and was then rejected, which only Connect's commit
   * saw.
   */
  private SimulatedTask refusedDuringCommit() {
    String dropped = add(3).get(1);
    connect.drop(record -> dropped.equals(STREAM + "/" + record.sourceOffset().get("id")));
    SimulatedTask task = start("errors.tolerance", "all", "dropped.records", "dead-letter");
    poll(task, 2);
    task.commit();
    refuseNextDeadLetter("OOM command not allowed");
    task.tell();
    clock.advance(Duration.ofSeconds(5));
    refuseNextDeadLetter("NOPERM no permissions");
    task.flush();
    redis.faults(FaultPlan.none());
    return task;
  }

  @Test
  void aDeadLetterIsMovedAfterARefusalThatOnlyTheCommitMet() {
    // given
    SimulatedTask task = refusedDuringCommit();

    // when
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isOne();
  }

  @Test
  void aBadEntryAfterARefusalThatOnlyTheCommitMetDoesNotStopTheConsumer() {
    // given
    SimulatedTask task = refusedDuringCommit();

    // when
    addBad();
    List<String> after = add(5);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isEqualTo(2);
    assertThat(connect.committed()).containsAll(after);
  }

  @Test
  void aWallClockSetBackDuringAnOutageDoesNotDelayAConsumer() {
    // given
    SimulatedTask task = start();
    run(task);
    redis.stop();
    task.poll();

    // when
    clock.setBack(Duration.ofHours(1));
    redis.start();
    List<String> added = add(3);
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void formerConsumersAreCheckedEveryMinuteWhateverTheWallClockSays() {
    // given a task that has just checked, and former consumers that receive entries after that
    run(start("redis.consumers.per.stream", "2"));
    SimulatedTask task = start();
    run(task);
    String left = add(1).get(0);
    redis.call("XREADGROUP", "GROUP", GROUP, "c-1", "STREAMS", STREAM, ">");

    // when
    clock.setBack(Duration.ofHours(1));
    clock.advance(Duration.ofMinutes(2));
    run(task);

    // then
    assertThat(connect.committed()).containsExactly(left);
  }

  @Test
  void aReadersConnectionThatWasClosedWhileIdleIsNoOutage() {
    // given a task that was paused after all entries were read and committed
    SimulatedTask task = start("errors.retry.timeout", "0");
    run(task);
    redis.closeIdleConnections();

    // when
    List<String> added = add(3);
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aDeadLettersConnectionThatWasClosedWhileIdleIsNoOutage() {
    // given
    SimulatedTask task = start("errors.retry.timeout", "0", "errors.tolerance", "all");
    addBad();
    run(task);
    assertThat(failed()).isOne();

    // when
    redis.closeIdleConnections();
    addBad();
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(failed()).isEqualTo(2);
  }

  @Test
  void anAcknowledgersConnectionThatWasClosedWhileIdleIsNoOutage() {
    // given a task that has acknowledged on the commit thread
    withExactlyOnce(false);
    SimulatedTask task = start();
    run(task);
    add(1);
    readAndCommit(task, 1);
    task.flush();
    assertThat(pending()).isEqualTo(0L);
    add(1);
    readAndCommit(task, 2);
    assertThat(pending()).isEqualTo(1L);

    // when
    redis.closeIdleConnections();
    task.flush();

    // then
    assertThat(pending()).isEqualTo(0L);
  }

  private void readAndCommit(SimulatedTask task, int records) {
    for (int i = 0; i < 20 && connect.committed().size() < records; i++) {
      task.poll();
      task.commit();
    }
    task.tell();
  }
}
