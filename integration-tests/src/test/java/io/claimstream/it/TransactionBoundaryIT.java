/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.stack.Deviation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code transaction.boundary=connector}: a transaction spans several reads of a backlog. */
class TransactionBoundaryIT extends SourceTestBase {
  private static final int ENTRIES = 20_000;
  private static final int KILLS = 2;

  TransactionBoundaryIT(Stack stack) {
    super(stack);
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void aWorkerKilledWithATransactionOpenLosesAndRepeatsNothing() {
    // given a backlog that lasts, so that a transaction is nearly always open
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> ids = new ArrayList<>(redis.addClaims(stream, ENTRIES / 2));
    CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);
    // a worker that starts waits for the end of the transactions that the killed one left open
    List<String> settings = new ArrayList<>(boundary("50"));
    Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
        .forEach((name, value) -> settings.addAll(List.of(name, value)));
    start(settings.toArray(String[]::new));

    // when
    for (int kill = 0; kill < KILLS; kill++) {
      // the moment of a kill is the one thing here that must not wait for a condition
      LockSupport.parkNanos(Duration.ofMillis(300 + random.nextInt(2_000)).toNanos());
      stack.servers().connect().kill();
      stack.servers().connect().restart();
      stack.connect().awaitRunning(connector, PATIENCE);
    }
    ids.addAll(load.join());
    topic.await(ids.size(), Duration.ofMinutes(5));
    awaitNothingPending();

    // then
    assertThat(streamIds(topic.records()))
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(ids);
    assertInOrder(topic.records(), ids);
  }

  @Test
  void eventsArriveAtOnceWithoutABacklogAndPauseAndStopRepeatNothing() {
    // given a connector that is paused and stopped in a backlog
    List<String> ids = new ArrayList<>(redis.addClaims(stream, ENTRIES / 2));
    start(boundary("50").toArray(String[]::new));
    topic.await(100);
    stack.connect().pause(connector);
    awaitState("PAUSED");
    stack.connect().resume(connector);
    awaitState("RUNNING");
    stack.connect().stop(connector);
    awaitState("STOPPED");
    stack.connect().resume(connector);
    topic.await(ids.size(), Duration.ofMinutes(2));
    awaitNothingPending();

    // when
    ids.addAll(redis.addClaims(stream, 3));

    // then
    topic.await(ids.size());
    awaitNothingPending();
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertInOrder(topic.records(), ids);
  }

  private static List<String> boundary(String readCount) {
    return List.of("transaction.boundary", "connector", "redis.read.count", readCount);
  }

  private List<String> produce() {
    List<String> ids = new ArrayList<>();
    try (Redis producer = stack.redis()) {
      while (ids.size() < ENTRIES / 2) {
        ids.addAll(producer.addClaims(stream, 500));
      }
    }
    return ids;
  }
}
