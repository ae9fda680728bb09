/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pending entries of other programs' consumers and of former consumers. */
class TakeoverTest extends Scenario {
  /** Another program's consumer reads an entry and dies. */
  private void readElsewhere(String position) {
    redis.call("XGROUP", "SETID", STREAM, GROUP, position);
    redis.call("XREADGROUP", "GROUP", GROUP, "somebody", "COUNT", 1, "STREAMS", STREAM, ">");
    redis.call("XGROUP", "SETID", STREAM, GROUP, "$");
    clock.advance(Duration.ofSeconds(2));
  }

  @Test
  void aTakeoverBatchOfLowerIdsFromADeadWorkerIsEmittedThoughRedisWasUnavailableAtTheStart() {
    // given a batch that reached Kafka, and a second batch with a lower id that did not
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(1)));
    run(start("redis.claim.idle.ms", "1000"));
    assertThat(connect.committed()).containsExactly(added.get(2));
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    poll(died, 5);

    // when the number of the second batch cannot be read at first
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    redis.faults(FaultPlan.once(1, TakeoverTest::readsSweepNote, Fault.Break.BEFORE_EXECUTION));
    run(task);

    // then
    assertThat(connect.committed()).contains(added.get(0)).doesNotHaveDuplicates();
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aTakeoverBatchBegunByALateTaskIsLeftToItByTheTaskThatReadsThePreviousOne() {
    // given a task that hangs before its first read, and its successor in the middle of a batch
    List<String> added = add(4);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(1)));
    SimulatedTask late = start("redis.claim.idle.ms", "1000");
    SimulatedTask task = start("redis.claim.idle.ms", "1000");
    while (connect.committed().isEmpty()) {
      task.turn();
    }

    // when the late task resumes and begins a batch with a lower and a higher id
    readElsewhere("0");
    readElsewhere(id(added.get(2)));
    poll(late, 5);
    run(task);
    run(start("redis.claim.idle.ms", "1000"));

    // then
    assertThat(connect.committed())
        .containsExactlyInAnyOrder(added.get(0), added.get(2), added.get(3));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aTakeoverBatchOfLowerIdsIsEmittedThoughTheLastRecordOfThePreviousOneWasDropped() {
    // given a batch whose last record a filter dropped: Connect's offset stays before it
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(0)));
    readElsewhere(id(added.get(1)));
    connect.drop(record -> id(added.get(2)).equals(record.sourceOffset().get("id")));
    SimulatedTask died = start("redis.claim.idle.ms", "1000", "dropped.records", "acknowledge");
    run(died);
    assertThat(pending()).isEqualTo(0L);

    // when its worker dies after it has taken over an entry with a lower id
    readElsewhere("0");
    while (claimed() == 0) {
      died.poll();
    }
    run(start("redis.claim.idle.ms", "1000", "dropped.records", "acknowledge"));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrder(added.get(0), added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aTakeoverBatchWhoseNumberIsLostIsEmittedCompletely() {
    // given a batch that reached Kafka, and one with a lower id that did not
    List<String> added = add(2);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere(id(added.get(0)));
    run(start("redis.claim.idle.ms", "1000"));
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    while (claimed() == 0) {
      died.poll();
    }

    // when another client deletes the keys that the connector keeps for the stream
    redis.call("DEL", "claimstream:v1:takeover:{" + STREAM + "}:" + GROUP + ":c-takeover");
    run(start("redis.claim.idle.ms", "1000"));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrder(added.get(0), added.get(1));
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void anotherProgramsConsumerIsNotTouchedThoughItIsNamedLikeOurs() {
    // given a pod of a StatefulSet with the connector's name
    List<String> added = add(3);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-7", "COUNT", 1, "STREAMS", STREAM, ">");

    // when
    SimulatedTask task = start();
    run(task);
    clock.advance(Duration.ofMinutes(20));
    run(task);
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added.subList(1, 3));
    assertThat(pending()).isEqualTo(1L);
    assertThat(redis.call("EXISTS", owner("c-7"))).isEqualTo(0L);
  }

  @Test
  void anotherProgramsConsumerThatIsNamedLikeOursIsTakenOverOnlyAfterTheIdleTime() {
    // given
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, "c-7", "COUNT", 1, "STREAMS", STREAM, ">");

    // when
    SimulatedTask task = start("redis.claim.idle.ms", "60000");
    run(task);
    assertThat(connect.committed()).isEmpty();
    clock.advance(Duration.ofMinutes(2));
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aFormerConsumerIsKnownByItsOffsetThoughItsOwnerKeyIsLost() {
    // given a consumer that has delivered one entry to Kafka and left another pending
    List<SimulatedTask> tasks = startTasks(2, "redis.consumers.per.stream", "2");
    tasks.forEach(Scenario::run);
    List<String> added = add(1);
    run(tasks.get(1));
    added.addAll(add(1));
    poll(tasks.get(1), 2);
    assertThat(pending()).isEqualTo(1L);

    // when
    redis.call("DEL", owner("c-1"), "claimstream:v1:consumers:{" + STREAM + "}:" + GROUP + ":c");
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void aFormerConsumerWithoutKeyAndOffsetIsTakenOverAfterTheIdleTime() {
    // given a consumer that has nothing in Kafka yet
    List<SimulatedTask> tasks = startTasks(2, "redis.consumers.per.stream", "2");
    tasks.forEach(Scenario::run);
    List<String> added = add(1);
    poll(tasks.get(1), 2);

    // when
    redis.call("DEL", owner("c-1"), "claimstream:v1:consumers:{" + STREAM + "}:" + GROUP + ":c");
    SimulatedTask task = start("redis.claim.idle.ms", "60000");
    run(task);
    clock.advance(Duration.ofMinutes(2));
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  private static String owner(String consumer) {
    return "claimstream:v1:owner:{" + STREAM + "}:" + GROUP + ":" + consumer;
  }

  @Test
  void anEntryDeliveredOftenToAnotherProgramIsAttemptedBeforeItIsDeadLettered() {
    // given
    List<String> added = add(1);
    giveTo("somebody");
    redeliver("somebody", "0", 20);
    clock.advance(Duration.ofSeconds(2));

    // when
    run(start("redis.claim.idle.ms", "1000", "redis.max.deliveries", "5"));

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
    assertThat(failed()).isEqualTo(0L);
  }

  @Test
  void aStartLooksUpAllOffsetsAtOnce() {
    startTasks(
        1,
        "redis.streams",
        "claims:a,claims:b,claims:c",
        "redis.consumers.per.stream",
        "3",
        "redis.claim.idle.ms",
        "1000");

    assertThat(connect.lookUps()).isEqualTo(1);
  }

  @Test
  void aTakeoverBatchIsFinishedThoughTakeoverIsSwitchedOff() {
    // given a worker that died in the middle of a batch
    List<String> added = add(1);
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    readElsewhere("0");
    SimulatedTask died = start("redis.claim.idle.ms", "1000");
    while (claimed() == 0) {
      died.poll();
    }

    // when
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isEqualTo(0L);
  }

  @Test
  void repliesLostWhileATakeoverBatchIsReadDeadLetterNoEntry() {
    // given
    List<String> added = add(3);
    giveTo("somebody");
    clock.advance(Duration.ofSeconds(2));
    SimulatedTask task = start("redis.claim.idle.ms", "1000", "redis.max.deliveries", "3");

    // when the connection breaks each time after the entries were read
    int[] left = {10};
    redis.faults(
        command ->
            command.toString().startsWith("XREADGROUP") && claimed() == 3 && left[0]-- > 0
                ? Fault.Break.AFTER_EXECUTION
                : null);
    for (int i = 0; i < 20; i++) {
      run(task);
      clock.advance(Duration.ofSeconds(2));
    }

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(failed()).isEqualTo(0L);
    assertThat(pending()).isEqualTo(0L);
  }

  private int claimed() {
    return Replies.list(redis.call("XPENDING", STREAM, GROUP, "-", "+", 10, "c-takeover")).size();
  }

  private static boolean readsSweepNote(Command command) {
    return command.name().equals("GET") && command.toString().contains(":takeover:");
  }
}
