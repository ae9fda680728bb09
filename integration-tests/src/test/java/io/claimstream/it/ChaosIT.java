/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
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
  private static final int ENTRIES = Integer.getInteger("chaos.entries", 40_000);
  private static final int KILLS = Integer.getInteger("chaos.kills", 3);

  ChaosIT(Stack stack) {
    super(stack);
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aWorkerKilledAgainAndAgainLosesAndRepeatsNothing() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.printf("chaos: %d entries, %d kills, test.seed=%d%n", ENTRIES, KILLS, seed);
    Random random = new Random(seed);
    CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);
    start("redis.read.count", "500");

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
    List<String> arrived = streamIds(topic.records());
    System.out.printf(
        "chaos: %d entries, %d records, %d different%n",
        ids.size(), arrived.size(), new HashSet<>(arrived).size());
    assertThat(new HashSet<>(arrived)).as("seed %d", seed).isEqualTo(new HashSet<>(ids));
    assertThat(arrived).as("seed %d", seed).hasSameSizeAs(ids);
  }

  private List<String> produce() {
    List<String> ids = new ArrayList<>();
    try (Redis producer = stack.redis()) {
      while (ids.size() < ENTRIES) {
        ids.addAll(producer.addClaims(stream, 1_000));
        pause(Duration.ofMillis(50));
      }
    }
    return ids;
  }

  /** The moment of a kill is the one thing here that must not wait for a condition. */
  private static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }
}
