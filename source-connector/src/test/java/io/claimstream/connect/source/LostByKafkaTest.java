/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.replay.GroupMove;
import io.claimstream.connect.source.replay.ReplayRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction that Kafka has confirmed, and that it has lost by the next start of the task. */
class LostByKafkaTest extends Scenario {
  private static final String KEY = "claimstream:v1:commit:{" + STREAM + "}:" + GROUP + ":c-0";

  private List<String> first = List.of();
  private List<String> last = List.of();

  LostByKafkaTest() {
    super("redis.read.count", "100");
  }

  @BeforeEach
  void givenTwoTransactionsWhoseEntriesAreAcknowledged() {
    first = add(3);
    SimulatedTask task = start();
    run(task);
    last = add(3);
    run(task);
    assertThat(pending()).isZero();
    task.loseLastTransaction();
    assertThat(connect.committed()).isEqualTo(first);
  }

  private List<String> all(List<String> more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(last);
    all.addAll(more);
    return all;
  }

  @Test
  void itsEntriesAreEmittedOnceMoreAndBeforeNewOnes() {
    List<String> added = add(3);

    run(start());

    assertThat(connect.committed()).isEqualTo(all(added));
    assertThat(pending()).isZero();
  }

  @Test
  void itsEntriesAreEmittedOnceAlthoughTheTaskCrashesBeforeTheyAreInKafka() {
    SimulatedTask crashing = start();
    poll(crashing, 2);

    run(start());

    assertThat(connect.committed()).isEqualTo(all(List.of()));
    assertThat(pending()).isZero();
  }

  @Test
  void anEntryThatAnotherConsumerHasPendingIsLeftToIt() {
    redis.call("XCLAIM", STREAM, GROUP, "another", 0, id(last.get(1)), "FORCE", "JUSTID");

    run(start());

    assertThat(connect.committed()).doesNotContain(last.get(1)).hasSize(5);
    assertThat(pending()).isOne();
  }

  @Test
  void aTransactionThatKafkaHasIsNotEmittedAgain() {
    run(start());

    run(start());

    assertThat(connect.committed()).isEqualTo(all(List.of()));
  }

  @Test
  void anOffsetThatWasMovedBackByRequestIsNoLoss() {
    // given
    String firstOfLast = id(last.get(0));
    Map<String, String> partition = Map.of("stream", STREAM, "group", GROUP, "consumer", "c-0");

    // when
    new GroupMove(redis, "c", 1, StartPosition.parse("0"), true)
        .apply(
            new ReplayRequest(
                Map.of(new ConsumerGroup(STREAM, GROUP), Optional.of(EntryId.parse(firstOfLast)))));
    connect.store(partition, Map.of("id", firstOfLast));
    run(start());

    // then
    assertThat(connect.committed())
        .isEqualTo(List.of(first.get(0), first.get(1), first.get(2), last.get(1), last.get(2)));
    assertThat(redis.call("EXISTS", KEY)).isEqualTo(1L);
  }

  @Test
  void theCommitIsStoredWithTheOffsetBeforeIt() {
    assertThat(Replies.text(redis.call("GET", KEY)))
        .isEqualTo(id(first.get(2)) + " 0 " + id(last.get(2)) + " 0");
  }

  @Test
  void withoutExactlyOnceSupportNothingIsStoredBecauseTheOffsetFollowsAtAnyDistance() {
    redis.call("DEL", KEY);
    withExactlyOnce(false);

    run(start());

    assertThat(redis.call("EXISTS", KEY)).isEqualTo(0L);
  }

  @Test
  void theEntriesOfAFormerConsumerAreEmittedOnceMore() {
    // given a second consumer that reads last
    SimulatedTask[] two =
        startTasks(1, "redis.consumers.per.stream", "2").toArray(SimulatedTask[]::new);
    run(two);
    List<String> shared = add(8);
    run(two);
    assertThat(pending()).isZero();
    two[0].loseLastTransaction();

    // when
    run(start());

    // then
    assertThat(connect.committed()).containsAll(all(shared));
    assertThat(pending()).isZero();
  }
}
