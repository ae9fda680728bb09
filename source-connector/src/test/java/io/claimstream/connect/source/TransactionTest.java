/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code transaction.boundary=connector}: when the connector lets Connect commit. */
class TransactionTest extends Scenario {
  private static final int READ = 2;

  TransactionTest() {
    super("redis.read.count", Integer.toString(READ), "redis.max.deliveries", "5");
  }

  @BeforeEach
  void defineBoundaries() {
    connect.boundariesByConnector(true);
    connect.turnsTake(Duration.ofMillis(1));
  }

  /** Runs a task as Connect does, and returns how many records each of its commits had. */
  private List<Integer> transactions(SimulatedTask task, int turns) {
    List<Integer> sizes = new ArrayList<>();
    int before = connect.committed().size();
    for (int turn = 0; turn < turns; turn++) {
      task.turn();
      int now = connect.committed().size();
      if (now > before) {
        sizes.add(now - before);
        before = now;
      }
    }
    return sizes;
  }

  @Test
  void aTransactionSpansAllReadsOfABacklog() {
    // given
    List<String> added = add(10 * READ);
    SimulatedTask task = start();

    // when
    List<Integer> sizes = transactions(task, 30);

    // then
    assertThat(sizes).containsExactly(added.size());
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isZero();
  }

  @Test
  void withoutABacklogEachReadIsCommittedInItsPoll() {
    // given
    SimulatedTask task = start("redis.read.count", "100");
    run(task);

    for (int i = 0; i < 5; i++) {
      // when
      add(3);
      boolean read = false;
      for (int turn = 0; turn < 5 && !read; turn++) {
        read = task.poll();
        task.commit();
      }

      // then
      assertThat(read).isTrue();
      assertThat(connect.committed()).hasSize(3 * (i + 1));
    }
  }

  @Test
  void aTransactionEndsAfterHalfASecondOfABacklog() {
    // given
    connect.turnsTake(Duration.ofMillis(100));
    List<String> added = add(50 * READ);
    SimulatedTask task = start();

    // when
    List<Integer> sizes = transactions(task, 100);

    // then the poll after 500 ms has its last records
    assertThat(sizes.subList(0, sizes.size() - 1)).isNotEmpty().containsOnly(6 * READ);
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void aTransactionEndsBeforeTheLimitOfRecordsInFlightStopsTheConsumer() {
    // given
    List<String> added = add(20 * READ);
    SimulatedTask task = start("records.in.flight.max", Integer.toString(3 * READ));

    // when
    List<Integer> sizes = transactions(task, 30);

    // then
    assertThat(sizes.subList(0, sizes.size() - 1)).isNotEmpty().containsOnly(3 * READ);
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(task.inFlight()).isZero();
  }

  @Test
  void aReadOfBadEntriesAloneEndsTheTransactionBeforeIt() {
    // given
    List<String> added = add(READ);
    addBad();
    addBad();
    List<String> after = add(1);
    SimulatedTask task = start("errors.tolerance", "all");

    // when
    List<Integer> sizes = transactions(task, 30);

    // then
    assertThat(sizes).containsExactly(added.size(), after.size());
    assertThat(failed()).isEqualTo(READ);
    assertThat(pending()).isZero();
  }

  @Test
  void entriesBeforeABadOneAreCommittedBeforeItFailsTheTask() {
    // given
    List<String> added = add(2 * READ);
    addBad();
    add(READ);
    SimulatedTask task = start();

    // when
    transactions(task, 30);

    // then
    assertThat(task.hasFailed()).isTrue();
    assertThat(connect.committed()).isEqualTo(added);
  }

  @Test
  void anOutageEndsTheTransactionInTheNextPoll() {
    // given
    add(10 * READ);
    SimulatedTask task = start();
    while (task.inFlight() == 0) {
      task.turn();
    }
    assertThat(connect.committed()).isEmpty();

    // when
    redis.stop();
    task.turn();
    task.turn();

    // then
    assertThat(connect.committed()).isNotEmpty();
    assertThat(task.inFlight()).isZero();
  }

  @Test
  void anEntryTriedAloneHasATransactionOfItsOwn() {
    // given an entry that has been delivered four times, among others
    List<String> added = add(5 * READ);
    giveTo("c-0");
    String tried = added.get(3);
    redis.call(
        "XCLAIM", STREAM, GROUP, "c-0", "0", id(tried), "RETRYCOUNT", "4", "FORCE", "JUSTID");
    add(5 * READ);
    SimulatedTask task = start();

    // when
    List<List<String>> commits = new ArrayList<>();
    for (int turn = 0; turn < 60; turn++) {
      int before = connect.committed().size();
      task.turn();
      List<String> now = connect.committed();
      commits.add(List.copyOf(now.subList(before, now.size())));
    }

    // then
    assertThat(commits).contains(List.of(tried));
    assertThat(connect.committed()).hasSize(10 * READ).doesNotHaveDuplicates();
    assertThat(pending()).isZero();
  }

  @Test
  void aStoppedTaskLeavesTheEntriesOfAnOpenTransactionToTheNextOne() {
    // given
    List<String> added = add(10 * READ);
    SimulatedTask task = start();
    while (task.inFlight() < 3 * READ) {
      task.turn();
    }

    // when
    task.stop();
    assertThat(connect.committed()).isEmpty();
    transactions(start(), 60);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isZero();
  }

  @Test
  void aPauseInTheMiddleOfTheLastRecordsDoesNotLeaveTheOthersUncommitted() {
    // given a poll whose records are to be committed
    List<String> added = add(5);
    SimulatedTask task = start("redis.read.count", "100");
    while (task.inFlight() == 0) {
      task.poll();
    }

    // when Connect pauses while it has sent two of them
    task.pause(2);
    assertThat(connect.committed()).hasSize(2);
    run(task);

    // then
    assertThat(connect.committed()).isEqualTo(added);
    assertThat(pending()).isZero();
  }

  @Test
  void severalConsumersShareATransactionThatEndsWithTheBacklogOfAll() {
    // given
    List<String> streams = IntStream.range(0, 3).mapToObj(i -> STREAM + ":" + i).toList();
    for (int i = 0; i < streams.size(); i++) {
      add(streams.get(i), (i + 1) * 3 * READ);
    }
    SimulatedTask task = start("redis.streams", String.join(",", streams));

    // when
    List<Integer> sizes = transactions(task, 60);

    // then
    assertThat(sizes).containsExactly(18 * READ);
    assertThat(task.inFlight()).isZero();
  }

  @Test
  void aReplyThatIsLateDoesNotKeepATransactionOpen() {
    // given
    add(10 * READ);
    SimulatedTask task = start();
    while (task.inFlight() == 0) {
      task.turn();
    }

    // when
    redis.faults(FaultPlan.always(command -> true, new Fault.Late(1_000)));
    task.turn();
    task.turn();

    // then
    assertThat(connect.committed()).isNotEmpty();
    assertThat(task.inFlight()).isZero();
  }
}
