/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.stack.Deviation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A source that trims its stream in a Redis with far less memory than the entries need, so that the
 * producer waits for it, while workers are killed and another group lags. {@code -Pchaos} makes it
 * longer.
 */
class BoundedStreamIT extends SourceTestBase {
  private static final int ENTRIES = Integer.getInteger("chaos.bounded.entries", 100_000);
  private static final int KILLS = Integer.getInteger("chaos.bounded.kills", 2);
  private static final String MAX_MEMORY = "64mb";

  /** Makes the entries several times as large as the memory. */
  private static final String NOTES = "x".repeat(Math.max(300, 150_000_000 / ENTRIES));

  private static final String REPORTS = "claims-reports";
  private static final int UNREAD = 5_000;
  private static final int LENGTH = 1_000;

  /** Entries that trimming by whole nodes may leave. */
  private static final int NODE = 100;

  private final AtomicLong refused = new AtomicLong();
  private ForgetfulRedis own;
  private Redis admin;

  BoundedStreamIT(Stack stack) {
    super(stack);
  }

  @BeforeEach
  void startServer() {
    own = new ForgetfulRedis(stack.directory(Stack.unique("bounded-redis")));
    admin = own.open();
    admin.call("CONFIG", "SET", "maxmemory", MAX_MEMORY);
    admin.call("XGROUP", "CREATE", stream, REPORTS, "0", "MKSTREAM");
  }

  @AfterEach
  void stopServer() {
    admin.close();
    own.close();
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void producersWaitForMemoryAndNothingIsLostOrRepeated() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    long begin = System.nanoTime();
    CompletableFuture<List<String>> load = CompletableFuture.supplyAsync(this::produce);
    CompletableFuture<Set<String>> reports =
        CompletableFuture.supplyAsync(() -> readReports(ENTRIES - UNREAD));
    List<String> settings =
        new ArrayList<>(
            List.of("redis.uri", own.uri(), "redis.stream.max.length", String.valueOf(LENGTH)));
    Deviation.of(Deviation.Server.SOURCE_OF_KILLED_WORKERS)
        .forEach((name, value) -> settings.addAll(List.of(name, value)));
    start(settings.toArray(String[]::new));

    // when
    for (int kill = 0; kill < KILLS; kill++) {
      LockSupport.parkNanos(Duration.ofMillis(2_000 + random.nextInt(4_000)).toNanos());
      stack.servers().connect().kill();
      stack.servers().connect().restart();
      stack.connect().awaitRunning(connector, PATIENCE);
    }
    List<String> ids = load.join();
    Set<String> reported = reports.join();
    await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> topic.size() >= ENTRIES && admin.pending(stream, GROUP) == 0);
    Set<String> arrived = new HashSet<>();
    AtomicLong records = new AtomicLong();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              records.set(0);
              topic.forEach(
                  record -> {
                    arrived.add(json(record).path("stream_id").asText());
                    records.incrementAndGet();
                  });
              return arrived.size() >= ENTRIES;
            });

    // then what the other group has not read is still there, and little else
    await().atMost(PATIENCE).until(() -> own.length(stream) <= UNREAD + NODE);
    System.out.printf(
        "bounded stream: %d entries of %d bytes through %s in %d s, %d kills, %d appends refused,"
            + " %d records, %d distinct, %d of the other group, length %d, test.seed=%d%n",
        ids.size(),
        NOTES.length(),
        MAX_MEMORY,
        Duration.ofNanos(System.nanoTime() - begin).toSeconds(),
        KILLS,
        refused.get(),
        records.get(),
        arrived.size(),
        reported.size(),
        own.length(stream),
        seed);
    assertThat(refused.get()).as("Redis was full").isPositive();
    assertThat(missing(ids, arrived)).as("seed %d: lost", seed).isEmpty();
    assertThat(missing(arrived, new HashSet<>(ids))).as("seed %d: unknown", seed).isEmpty();
    assertThat(records.get()).as("seed %d: records", seed).isEqualTo(ENTRIES);
    Set<String> kept = new HashSet<>();
    admin.entries(stream).forEach(entry -> kept.add(entry.id().toString()));
    assertThat(missing(missing(ids, reported), kept))
        .as("seed %d: kept for the other group", seed)
        .isEmpty();
    assertThat(stack.log(stream, "trimmed")).as("no entry is taken for lost").isEmpty();

    // when the other group reads the rest
    reported.addAll(readReports(ids.size() - reported.size()));

    // then
    assertThat(missing(ids, reported)).as("seed %d: lost to the other group", seed).isEmpty();
    await().atMost(PATIENCE).until(() -> own.length(stream) <= LENGTH + NODE);
  }

  /** Those of many that are not among the others; AssertJ would compare each with each. */
  private static Set<String> missing(Collection<String> of, Set<String> among) {
    Set<String> missing = new HashSet<>(of);
    missing.removeAll(among);
    return missing;
  }

  /** Adds all entries, each as soon as there is memory for it. */
  private List<String> produce() {
    List<String> ids = new ArrayList<>(ENTRIES);
    try (Redis producer = own.open()) {
      while (ids.size() < ENTRIES) {
        List<List<Object>> batch = new ArrayList<>();
        for (int i = ids.size(); i < Math.min(ENTRIES, ids.size() + 50); i++) {
          batch.add(
              List.of("type", "claim_paid", "claim_id", "CLM-" + i, "amount", "1", "notes", NOTES));
        }
        boolean full = false;
        for (String id : producer.addWhatFits(stream, batch)) {
          if (id == null) {
            full = true;
            refused.incrementAndGet();
          } else {
            ids.add(id);
          }
        }
        if (full) {
          LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
      }
    }
    return ids;
  }

  /** Reads and acknowledges that many entries as another program does; none of them twice. */
  private Set<String> readReports(int count) {
    Set<String> read = new HashSet<>();
    try (Redis reader = own.open()) {
      while (read.size() < count) {
        Object reply =
            reader.call(
                "XREADGROUP",
                "GROUP",
                REPORTS,
                "r",
                "COUNT",
                Math.min(500, count - read.size()),
                "STREAMS",
                stream,
                ">");
        List<String> ids =
            Replies.entriesOfOneStream(reply).stream().map(entry -> entry.id().toString()).toList();
        if (ids.isEmpty()) {
          LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
          continue;
        }
        for (String id : ids) {
          assertThat(read.add(id)).as("%s is new to the other group", id).isTrue();
        }
        List<Object> acknowledgement = new ArrayList<>(List.of(stream, REPORTS));
        acknowledgement.addAll(ids);
        reader.call("XACK", acknowledgement.toArray());
      }
    }
    return read;
  }
}
