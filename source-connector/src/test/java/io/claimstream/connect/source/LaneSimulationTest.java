/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The lane logic against a Redis in memory, through random crashes, lost replies, refusals, lost
 * groups, zombies and restarts: whatever happens, each entry is committed exactly once, in order
 * with one lane, and nothing stays pending.
 */
class LaneSimulationTest {
  private static final int RUNS = Integer.getInteger("simulation.runs", 200);
  private static final List<Fault> FAULTS =
      List.of(
          Fault.Break.BEFORE_EXECUTION,
          Fault.Break.AFTER_EXECUTION,
          new Fault.Refusal("READONLY You can't write against a read only replica."),
          new Fault.Refusal("LOADING Redis is loading the dataset in memory"),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  private static final List<String> STREAMS = List.of("claims:a", "claims:b");
  private static final String GROUP = "claims-processors";

  @Test
  void oneLanePerStreamIsExactlyOnceAndInOrderWhateverFails() {
    forManySeeds((seed, random) -> new Run(seed, random, Kind.ONE_LANE).go());
  }

  @Test
  void severalLanesAndScalingThemAreExactlyOnceWhateverFails() {
    forManySeeds((seed, random) -> new Run(seed, random, Kind.SCALED_LANES).go());
  }

  private enum Kind {
    ONE_LANE,
    SCALED_LANES
  }

  private interface Simulation {
    void run(long seed, Random random);
  }

  private static void forManySeeds(Simulation simulation) {
    Long only = Long.getLong("test.seed");
    long first = only == null ? System.nanoTime() : only;
    int runs = only == null ? RUNS : 1;
    for (int i = 0; i < runs; i++) {
      simulation.run(first + i, new Random(first + i));
    }
    System.out.printf("simulated %d runs from test.seed=%d%n", runs, first);
  }

  /** One life of a connector. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final Kind kind;
    private final FakeClock clock = new FakeClock(Instant.parse("2024-08-20T10:30:00Z"));
    private final FakeRedis redis = new FakeRedis(clock);
    private final SimulatedConnect connect = new SimulatedConnect(redis, clock);
    private final List<String> added = new ArrayList<>();
    private final List<SimulatedTask> zombies = new ArrayList<>();
    private List<SimulatedTask> tasks = List.of();
    private int lanes;

    Run(long seed, Random random, Kind kind) {
      this.seed = seed;
      this.random = random;
      this.kind = kind;
      this.lanes = 1;
    }

    void go() {
      add(random.nextInt(20));
      restart();
      redis.faults(faults());
      int steps = 100 + random.nextInt(200);
      for (int i = 0; i < steps; i++) {
        step();
      }
      settle();
      verify();
    }

    /**
     * Redis never refuses MULTI: it needs no memory, writes nothing and is allowed while loading.
     */
    private FaultPlan faults() {
      FaultPlan any = FaultPlan.random(seed, 0.03, FAULTS);
      return command -> {
        Fault fault = any.next(command);
        return fault instanceof Fault.Refusal && command.name().equals("MULTI") ? null : fault;
      };
    }

    private void step() {
      SimulatedTask task = tasks.get(random.nextInt(tasks.size()));
      if (task.hasFailed()) {
        restart();
        return;
      }
      switch (random.nextInt(22)) {
        case 0, 1, 2, 3 -> add(1 + random.nextInt(5));
        case 4, 5, 6, 7, 8, 9 -> task.poll();
        case 10, 11, 12, 13 -> task.commit();
        case 14, 15 -> task.tell();
        case 16 -> task.acknowledge();
        case 17 -> restart(); // the worker died
        case 18 -> {
          tasks.forEach(SimulatedTask::stop);
          restart();
        }
        case 19 -> {
          zombies.addAll(tasks);
          restart();
        }
        case 20 -> zombies.forEach(this::haunt);
        default -> loseSomething();
      }
    }

    /** A zombie does what it can: read, try to commit, acknowledge. */
    private void haunt(SimulatedTask zombie) {
      zombie.poll();
      zombie.commit();
      zombie.tell();
      zombie.acknowledge();
    }

    private void loseSomething() {
      switch (random.nextInt(3)) {
        case 0 -> redis.killConnections();
        case 1 -> {
          String stream = STREAMS.get(random.nextInt(2));
          if (kind != Kind.SCALED_LANES && Long.valueOf(1).equals(redis.call("EXISTS", stream))) {
            redis.call("XGROUP", "DESTROY", stream, GROUP);
          }
        }
        default -> clock.advance(Duration.ofSeconds(random.nextInt(120)));
      }
    }

    private void add(int count) {
      for (int i = 0; i < count; i++) {
        String stream = STREAMS.get(random.nextInt(2));
        if (random.nextBoolean()) {
          clock.advance(Duration.ofMillis(random.nextInt(3)));
        }
        Object id =
            redis.call("XADD", stream, "*", "type", "t", "claim_id", "CLM-" + random.nextInt(5));
        added.add(stream + "/" + Replies.text(id));
      }
    }

    private void restart() {
      if (kind == Kind.SCALED_LANES) {
        lanes = 1 + random.nextInt(3);
      }
      Map<String, String> connector = new HashMap<>();
      connector.put("name", "c");
      connector.put("redis.streams", String.join(",", STREAMS));
      connector.put("redis.group", GROUP);
      connector.put("redis.consumers.per.stream", Integer.toString(lanes));
      connector.put("redis.read.count", Integer.toString(1 + random.nextInt(6)));
      connector.put("redis.read.block.ms", "1");
      connector.put("redis.max.deliveries", "0");
      tasks = connect.start(connector, 1 + random.nextInt(4));
    }

    /** All faults end; the connector runs until nothing is left to do. */
    private void settle() {
      redis.faults(FaultPlan.none());
      restart();
      int quiet = 0;
      // a turn may only look through entries that Kafka has: one quiet turn is no rest
      for (int turn = 0; quiet < 300; turn++) {
        assertThat(turn).as("seed %d: it never comes to rest", seed).isLessThan(10_000);
        boolean read = false;
        for (SimulatedTask task : tasks) {
          read |= task.poll();
          assertThat(task.hasFailed()).as("seed %d: a task failed", seed).isFalse();
          task.commit();
          task.tell();
          task.acknowledge();
        }
        clock.advance(Duration.ofSeconds(30)); // also lets orphans be looked for
        quiet = read ? 0 : quiet + 1;
      }
    }

    private void verify() {
      assertThat(connect.committed())
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(added);
      for (String stream : STREAMS) {
        if (kind == Kind.ONE_LANE) {
          assertThat(of(stream, connect.committed()))
              .as("seed %d: order", seed)
              .isEqualTo(of(stream, added));
        }
        if (!of(stream, added).isEmpty()) {
          assertThat(Replies.list(redis.call("XPENDING", stream, GROUP)).get(0))
              .as("seed %d: pending in %s", seed, stream)
              .isEqualTo(0L);
        }
      }
    }

    private static List<String> of(String stream, List<String> all) {
      return all.stream().filter(record -> record.startsWith(stream + "/")).toList();
    }
  }
}
