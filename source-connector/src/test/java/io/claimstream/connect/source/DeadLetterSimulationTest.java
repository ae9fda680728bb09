/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bad entries among good ones, through random crashes, lost replies and refusals: each bad entry is
 * a dead letter exactly once, in Redis and, where there is a topic for it, in Kafka; none is an
 * event as well, and nothing stays pending.
 */
class DeadLetterSimulationTest {
  private static final int RUNS = Integer.getInteger("simulation.runs", 50);
  private static final String STREAM = "claims:a";
  private static final String GROUP = "claims-processors";
  private static final String TOPIC = "claims.a";
  private static final String DROPPED = "DROPPED";
  private static final String FAILED = "claims:failed";
  private static final List<Fault> FAULTS =
      List.of(
          Fault.Break.BEFORE_EXECUTION,
          Fault.Break.AFTER_EXECUTION,
          new Fault.Refusal("READONLY You can't write against a read only replica."),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyBadEntryIsOneDeadLetterWhateverFails(boolean alsoInKafka) {
    simulate(true, alsoInKafka, false);
  }

  /** Connect tells of a drop only after its offset is committed, so a crash may hide it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyDroppedEntryIsOneDeadLetterWhateverFailsButTheWorker(boolean alsoInKafka) {
    simulate(true, alsoInKafka, true);
  }

  /** What was on its way when a task died may be a dead letter twice then. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyBadEntryIsADeadLetterWhereOnlyATopicKeepsIt(boolean drops) {
    simulate(false, true, drops);
  }

  private static void simulate(boolean inRedis, boolean alsoInKafka, boolean drops) {
    Long only = Long.getLong("test.seed");
    long first = only == null ? System.nanoTime() : only;
    int runs = only == null ? RUNS : 1;
    for (long seed = first; seed < first + runs; seed++) {
      new Run(seed, inRedis, alsoInKafka, drops).go();
    }
    System.out.printf("simulated %d runs with bad entries from test.seed=%d%n", runs, first);
  }

  private static final class Run {
    private final long seed;
    private final boolean inRedis;
    private final boolean alsoInKafka;
    private final boolean drops;
    private final Random random;
    private final FakeClock clock = new FakeClock(Instant.parse("2024-08-20T10:30:00Z"));
    private final FakeRedis redis = new FakeRedis(clock);
    private final SimulatedConnect connect = new SimulatedConnect(redis, clock, true);
    private final List<String> good = new ArrayList<>();
    private final List<String> bad = new ArrayList<>();
    private List<SimulatedTask> tasks = List.of();

    Run(long seed, boolean inRedis, boolean alsoInKafka, boolean drops) {
      this.seed = seed;
      this.inRedis = inRedis;
      this.alsoInKafka = alsoInKafka;
      this.drops = drops;
      this.random = new Random(seed);
      connect.boundariesByConnector(random.nextBoolean());
      connect.drop(record -> drops && DROPPED.equals(record.key()) && record.topic().equals(TOPIC));
    }

    void go() {
      add(random.nextInt(20));
      restart();
      FaultPlan any = FaultPlan.random(seed, 0.03, FAULTS);
      redis.faults(
          command -> {
            Fault fault = any.next(command);
            return fault instanceof Fault.Refusal && command.name().equals("MULTI") ? null : fault;
          });
      int steps = 100 + random.nextInt(200);
      for (int i = 0; i < steps; i++) {
        step();
      }
      settle();
      verify();
    }

    private void step() {
      SimulatedTask task = tasks.get(random.nextInt(tasks.size()));
      assertThat(task.hasFailed()).as("seed %d: the task failed", seed).isFalse();
      switch (random.nextInt(16)) {
        case 0, 1, 2 -> add(1 + random.nextInt(5));
        case 3, 4, 5, 6, 7 -> task.poll();
        case 8, 9 -> task.commit();
        case 10 -> task.pause(random.nextInt(4));
        case 11 -> task.tell();
        case 12 -> task.flush();
        case 13 -> {
          if (!drops) {
            restart();
          }
        }
        case 14 -> redis.killConnections();
        default -> clock.advance(Duration.ofSeconds(random.nextInt(20)));
      }
    }

    private void add(int count) {
      for (int i = 0; i < count; i++) {
        add(random.nextInt(3) == 0);
      }
    }

    private void add(boolean isBad) {
      Object id =
          redis.call(
              "XADD",
              STREAM,
              "*",
              "type",
              "t",
              isBad && !drops ? "amount" : "claim_id",
              isBad ? DROPPED : "CLM");
      (isBad ? bad : good).add(STREAM + "/" + Replies.text(id));
    }

    private void restart() {
      Map<String, String> connector = new HashMap<>();
      connector.put("name", "c");
      connector.put("redis.streams", STREAM);
      connector.put("redis.group", GROUP);
      connector.put("redis.failed.stream", inRedis ? FAILED : "");
      connector.put("redis.read.count", Integer.toString(1 + random.nextInt(6)));
      connector.put("redis.read.block.ms", "1");
      connector.put("redis.max.deliveries", "0");
      connector.put("errors.tolerance", "all");
      if (alsoInKafka) {
        connector.put("errors.deadletterqueue.topic.name", "claims.failed");
      }
      tasks = connect.start(connector, 1);
    }

    private void settle() {
      redis.faults(FaultPlan.none());
      if (!drops) {
        restart();
      }
      add(false); // Connect tells of what was dropped only with a record that was not
      int quiet = 0;
      for (int turn = 0; quiet < 100; turn++) {
        assertThat(turn).as("seed %d: it never comes to rest", seed).isLessThan(10_000);
        SimulatedTask task = tasks.get(0);
        boolean read = task.poll();
        assertThat(task.hasFailed()).as("seed %d: the task failed", seed).isFalse();
        task.commit();
        task.tell();
        task.flush();
        clock.advance(Duration.ofSeconds(5));
        quiet = read ? 0 : quiet + 1;
      }
    }

    private void verify() {
      assertThat(connect.committed()).as("seed %d: events", seed).isEqualTo(good);
      assertThat(failed())
          .as("seed %d: dead letters", seed)
          .containsExactlyInAnyOrderElementsOf(inRedis ? bad : List.of());
      assertThat(inRedis ? connect.deadLetters() : Set.copyOf(connect.deadLetters()))
          .as("seed %d: dead letters in Kafka", seed)
          .containsExactlyInAnyOrderElementsOf(alsoInKafka ? bad : List.of());
      if (!good.isEmpty() || !bad.isEmpty()) {
        assertThat(Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0))
            .as("seed %d: pending", seed)
            .isEqualTo(0L);
      }
    }

    private List<String> failed() {
      List<String> ids = new ArrayList<>();
      for (StreamEntry entry : Replies.entries(redis.call("XRANGE", FAILED, "-", "+"))) {
        for (int i = 0; i < entry.size(); i++) {
          if (new String(entry.name(i), StandardCharsets.UTF_8).equals("error_id")) {
            ids.add(STREAM + "/" + new String(entry.value(i), StandardCharsets.UTF_8));
          }
        }
      }
      return ids;
    }
  }
}
