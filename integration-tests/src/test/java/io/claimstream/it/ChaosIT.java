/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The worker dies by {@code kill -9} at random moments under load. {@code -Pchaos} makes it longer:
 * more entries, more kills.
 */
class ChaosIT extends SourceTestBase {
  private static final int ENTRIES = Integer.getInteger("chaos.entries", 20_000);
  private static final int KILLS = Integer.getInteger("chaos.kills", 2);

  /**
   * If no entry reaches Kafka between two kills, the first four use up the tries together, and then
   * three are needed for each entry that is tried alone.
   */
  private static final int MOST_DEAD_LETTERS = Math.max(0, KILLS - 4) / 3;

  /** Between two batches of a thousand: the load lasts about as long as the kills. */
  private static final Duration PACE = Duration.ofMillis(KILLS * 8_000_000L / ENTRIES);

  ChaosIT(Stack stack) {
    super(stack);
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aWorkerKilledAgainAndAgainLosesAndRepeatsNothing() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);
    // a worker that starts waits for the end of the transactions that the killed one left open
    List<String> settings = new ArrayList<>(List.of("redis.read.count", "500"));
    Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
        .forEach((name, value) -> settings.addAll(List.of(name, value)));
    start(settings.toArray(String[]::new));

    // when
    for (int kill = 0; kill < KILLS; kill++) {
      pause(Duration.ofMillis(500 + random.nextInt(3_000)));
      stack.servers().connect().kill();
      stack.servers().connect().restart();
      stack.connect().awaitRunning(connector, PATIENCE);
    }
    List<String> ids = load.join();
    topic.await(ids.size(), Duration.ofMinutes(5));
    awaitNothingPending();

    // then
    Figures figures = new Figures("with exactly-once support", seed, ids);
    assertThat(figures.lost()).as("seed %d", seed).isEmpty();
    assertThat(figures.deadLettered())
        .as("seed %d", seed)
        .hasSizeLessThanOrEqualTo(MOST_DEAD_LETTERS);
    assertThat(figures.repeated()).as("seed %d", seed).isZero();
    assertInOrder(topic.records(), ids);
  }

  /** What came of a run, printed as it is made. */
  private final class Figures {
    private final Set<String> lost;
    private final Set<String> deadLettered;
    private final int repeated;

    Figures(String how, long seed, List<String> ids) {
      List<String> arrived = streamIds(topic.records());
      Set<String> distinct = new HashSet<>(arrived);
      lost = new HashSet<>(ids);
      lost.removeAll(distinct);
      deadLettered = deadLetters();
      lost.removeAll(deadLettered);
      repeated = arrived.size() - distinct.size();
      System.out.printf(
          "chaos %s: %d entries, %d kills, %d records, %d distinct, %d lost, %d duplicated,"
              + " %d dead-lettered, %d pending, test.seed=%d%n",
          how,
          ids.size(),
          KILLS,
          arrived.size(),
          distinct.size(),
          lost.size(),
          repeated,
          deadLettered.size(),
          redis.pending(stream, GROUP),
          seed);
    }

    private Set<String> deadLetters() {
      Set<String> ids = new HashSet<>();
      for (StreamEntry letter : redis.entries("claims:failed")) {
        Map<String, String> fields = Redis.fields(letter);
        if (stream.equals(fields.get("error_stream"))) {
          assertThat(fields).containsEntry("error_stage", "delivery");
          ids.add(fields.get("error_id"));
        }
      }
      return ids;
    }

    Set<String> deadLettered() {
      return deadLettered;
    }

    Set<String> lost() {
      return lost;
    }

    int repeated() {
      return repeated;
    }
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void withoutExactlyOnceSupportNothingIsLostAndLittleIsRepeated() {
    // given a worker without exactly-once support, on a cluster of its own
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    try (ConnectWorker worker =
        stack.worker(
            Map.of("group.id", Stack.unique("plain"), "exactly.once.source.support", "disabled"))) {
      worker
          .rest()
          .createOrUpdate(
              connector,
              stack.example(
                  "claims-source.json",
                  settings("exactly.once.support", "requested", "redis.read.count", "500")));
      worker.rest().awaitRunning(connector, PATIENCE);
      CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);

      // when
      for (int kill = 0; kill < KILLS; kill++) {
        pause(Duration.ofMillis(500 + random.nextInt(3_000)));
        worker.kill();
        worker.restart();
        worker.rest().awaitRunning(connector, PATIENCE);
      }
      List<String> ids = load.join();
      topic.await(ids.size(), Duration.ofMinutes(5));
      awaitNothingPending();

      // then
      Figures figures = new Figures("without exactly-once support", seed, ids);
      assertThat(figures.lost()).as("seed %d", seed).isEmpty();
      assertThat(figures.deadLettered())
          .as("seed %d", seed)
          .hasSizeLessThanOrEqualTo(MOST_DEAD_LETTERS);
      // what can be in flight: the entries that come between two commits of offsets, 1 s apart
      assertThat(figures.repeated()).as("seed %d", seed).isLessThan(KILLS * 30_000);
      assertInOrder(topic.records(), ids);
      worker.rest().delete(connector);
    }
  }

  @Test
  void aWorkerThatWasFrozenWhileAnotherTookOverNeitherRepeatsNorStrandsEntries() {
    // given two workers of one cluster, and a connector on one of them
    List<String> ids = new ArrayList<>(redis.addClaims(stream, 2_000));
    start("redis.read.count", "100");
    topic.await(100);
    ConnectWorker first = stack.servers().connect();
    try (ConnectWorker second = stack.worker(Map.of())) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> second.rest().status(connector).path("tasks").size() == 1);
      String owner =
          second.rest().status(connector).path("tasks").path(0).path("worker_id").asText();
      ConnectWorker frozen = first.url().endsWith(owner) ? first : second;
      ConnectWorker other = frozen == first ? second : first;

      try {
        // when the task's worker is frozen longer than its session lasts, and another takes over
        frozen.pause();
        ids.addAll(redis.addClaims(stream, 2_000));
        await()
            .atMost(Duration.ofMinutes(3))
            .ignoreExceptions()
            .until(
                () -> {
                  var task = other.rest().status(connector).path("tasks").path(0);
                  return other.url().endsWith(task.path("worker_id").asText())
                      && task.path("state").asText().equals("RUNNING");
                });
        topic.await(ids.size(), Duration.ofMinutes(2));
      } finally {
        frozen.resume();
      }
      ids.addAll(redis.addClaims(stream, 2_000));

      // then
      topic.await(ids.size(), Duration.ofMinutes(2));
      awaitNothingPending();
      assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  @Test
  void aSecondWorkerThatJoinsAndLeavesLosesAndRepeatsNothing() {
    // given a connector of one lane under load, and one of several lanes and tasks beside it
    CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);
    start("redis.read.count", "500");
    String many = Stack.unique("claims:many");
    String wide = Stack.unique("source");
    Topic wideTopic = stack.topic(many.replace(':', '.'));
    stack.createTopics(Map.of(wideTopic.name(), 3));
    List<String> manyIds = new ArrayList<>(redis.addClaims(many, 3_000));
    stack.run(
        wide,
        stack.example(
            "claims-source.json",
            settings(
                "redis.streams", many,
                "tasks.max", "3",
                "redis.consumers.per.stream", "3",
                "redis.read.count", "50")));
    topic.await(500);

    // when
    try (ConnectWorker second = stack.worker(Map.of())) {
      await() // tasks have moved, or have been started again where they were
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> runs(second.rest(), connector, 1) && runs(second.rest(), wide, 3));
      manyIds.addAll(redis.addClaims(many, 3_000));
      // both workers have had a part of the load, however fast it comes
      topic.await(Math.min(ENTRIES, topic.records().size() + 5_000), Duration.ofMinutes(2));
    }
    List<String> ids = load.join();
    topic.await(ids.size(), Duration.ofMinutes(5));
    wideTopic.await(manyIds.size(), Duration.ofMinutes(2));
    awaitNothingPending();

    // then
    assertThat(streamIds(topic.records())).containsExactlyInAnyOrderElementsOf(ids);
    assertInOrder(topic.records(), ids);
    assertThat(streamIds(wideTopic.records())).containsExactlyInAnyOrderElementsOf(manyIds);
    await().atMost(PATIENCE).until(() -> redis.pending(many, GROUP) == 0);
    stack.connect().delete(wide);
  }

  private List<String> produce() {
    List<String> ids = new ArrayList<>();
    try (Redis producer = stack.redis()) {
      while (ids.size() < ENTRIES) {
        ids.addAll(producer.addClaims(stream, 1_000));
        pause(PACE);
      }
    }
    return ids;
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }
}
