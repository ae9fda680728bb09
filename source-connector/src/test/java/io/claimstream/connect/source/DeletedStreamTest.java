/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that a pattern found, and that are deleted and added again. */
class DeletedStreamTest extends Scenario {
  private static final String OTHER = "claims:events:other";
  private static final int MOMENTS = 40;
  private static final int ROUNDS = Integer.getInteger("pattern.rounds", 40);
  private static final List<Fault> FAULTS =
      List.of(
          Fault.Break.BEFORE_EXECUTION,
          Fault.Break.AFTER_EXECUTION,
          new Fault.Late(4),
          new Fault.Refusal("LOADING Redis is loading the dataset in memory"));

  DeletedStreamTest() {
    super("redis.streams.pattern", "claims:*", "redis.streams", STREAM + "," + OTHER);
  }

  private long exists(String key) {
    return (Long) Objects.requireNonNull(redis.call("EXISTS", key));
  }

  private void wait(SimulatedTask task) {
    run(task);
    clock.advance(Duration.ofSeconds(2));
    run(task);
  }

  private String addAt(String id) {
    return STREAM + "/" + Replies.text(redis.call("XADD", STREAM, id, "claim_id", "low" + id));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void aDeletedStreamIsNotCreatedAgainAndTheOthersAreReadOn(String consumers) {
    // given
    List<String> expected = add(5);
    expected.addAll(add(OTHER, 5));
    SimulatedTask task = start("redis.consumers.per.stream", consumers);
    run(task);

    // when
    redis.call("DEL", STREAM);
    wait(task);
    expected.addAll(add(OTHER, 5));
    wait(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(exists(STREAM)).isZero();
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(expected);

    // and when it is added again, it is read again
    expected.addAll(add(5));
    wait(task);
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(pending()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void aStreamThatIsAddedAgainAfterARestartIsReadOnce(String consumers) {
    // given
    List<String> expected = add(5);
    run(start("redis.consumers.per.stream", consumers));
    redis.call("DEL", STREAM);

    // when it is missing at a start, and added while no task runs
    SimulatedTask task = start("redis.consumers.per.stream", consumers);
    wait(task);
    assertThat(exists(STREAM)).isZero();
    expected.addAll(add(5));
    run(start("redis.consumers.per.stream", consumers));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(pending()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void lowerIdsOfAStreamThatIsAddedAgainAreRead(String consumers) {
    // given
    List<String> expected = add(5);
    SimulatedTask task = start("redis.consumers.per.stream", consumers);
    run(task);

    // when it is filled by a server whose clock is behind
    redis.call("DEL", STREAM);
    wait(task);
    expected.add(addAt("1000-0"));
    expected.add(addAt("1000-1"));
    wait(task);
    expected.add(addAt("1001-0"));
    run(start("redis.consumers.per.stream", consumers));

    // then
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aKeyOfAnotherTypeInItsPlaceFailsNothing() {
    List<String> expected = add(5);
    SimulatedTask task = start();
    run(task);

    redis.call("DEL", STREAM);
    redis.call("SET", STREAM, "text");
    wait(task);
    expected.addAll(add(OTHER, 5));
    wait(task);
    redis.call("DEL", STREAM);
    expected.addAll(add(5));
    wait(task);

    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void aStreamDeletedBetweenAnyTwoCommandsIsNotCreatedAgain(String consumers) {
    for (int nth = 1; nth <= MOMENTS; nth++) {
      redis.flushAll();
      withExactlyOnce(true);
      add(5);
      int[] commands = {0};
      int moment = nth;
      SimulatedTask task = start("redis.consumers.per.stream", consumers);
      redis.between(
          next -> {
            if (++commands[0] == moment) {
              redis.call("DEL", STREAM);
            }
          });
      wait(task);
      redis.between(next -> {});
      boolean deleted = commands[0] >= moment;

      assertThat(task.failure()).as("deleted before command %d", nth).isEmpty();
      assertThat(exists(STREAM)).as("deleted before command %d", nth).isEqualTo(deleted ? 0 : 1);
      List<String> added = add(3);
      wait(task);
      assertThat(connect.committed()).as("deleted before command %d", nth).containsAll(added);
      assertThat(connect.committed()).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void streamsThatComeAndGoAtRandomAreReadOnce(String consumers) {
    long seed = Long.getLong("test.seed", System.nanoTime());
    int deletions = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(seed + round);
      redis.flushAll();
      withExactlyOnce(true);
      connect.boundariesByConnector(random.nextBoolean());
      Map<String, Set<String>> alive = new HashMap<>();
      Set<String> all = new HashSet<>();
      SimulatedTask task = start("redis.consumers.per.stream", consumers);
      SimulatedTask former = task;
      redis.faults(FaultPlan.random(seed + round, 0.02, FAULTS));
      for (int step = 0; step < 60; step++) {
        String stream = random.nextBoolean() ? STREAM : OTHER;
        switch (random.nextInt(9)) {
          case 0 -> {
            redis.call("DEL", stream);
            alive.remove(stream);
            deletions++;
          }
          case 1, 2, 3 -> {
            List<String> added = add(stream, 1 + random.nextInt(5));
            all.addAll(added);
            alive.computeIfAbsent(stream, key -> new HashSet<>()).addAll(added);
          }
          case 4 -> {
            former = task;
            task = start("redis.consumers.per.stream", consumers);
          }
          case 6 -> run(1, former); // a zombie
          case 5 -> clock.advance(Duration.ofSeconds(2));
          default -> run(1 + random.nextInt(3), task);
        }
        if (!alive.containsKey(stream)) {
          assertThat(exists(stream)).as("test.seed=%d", seed + round).isZero();
        }
      }
      redis.faults(FaultPlan.none());
      // a zombie that was late to become an owner may have fenced the last task
      task = start("redis.consumers.per.stream", consumers);
      for (int settling = 0; settling < 5; settling++) {
        wait(task);
      }

      List<String> committed = new ArrayList<>(connect.committed());
      assertThat(task.failure()).as("test.seed=%d", seed + round).isEmpty();
      for (Set<String> living : alive.values()) {
        assertThat(committed).as("test.seed=%d", seed + round).containsAll(living);
      }
      assertThat(all).as("test.seed=%d", seed + round).containsAll(committed);
      if (consumers.equals("1")) {
        assertThat(committed).as("test.seed=%d", seed + round).doesNotHaveDuplicates();
      }
    }
    System.out.printf(
        "streams that come and go: %d deletions, %s consumers per stream, test.seed=%d%n",
        deletions, consumers, seed);
  }
}
