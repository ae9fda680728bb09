/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A connector between Redis and Connect, both in memory, with the operations of its tests. */
abstract class Scenario {
  static final String STREAM = "claims:events";
  static final String GROUP = "claims-processors";
  static final String FAILED = "claims:failed";

  /** Makes Redis reject dead letters. */
  static final FaultPlan FULL =
      FaultPlan.always(
          FaultPlan.named("XADD"),
          new Fault.Refusal("OOM command not allowed when used memory > 'maxmemory'."));

  private static final int TURNS = 20;

  final FakeClock clock = new FakeClock();
  final FakeRedis redis = new FakeRedis(clock);

  /**
   * Number of calls of each command since {@link #count}; the summary form of XPENDING is counted
   * separately.
   */
  final Map<String, Integer> calls = new HashMap<>();

  private final Map<String, String> settings = new HashMap<>();

  /** Supports exactly-once delivery unless a test says otherwise. */
  SimulatedConnect connect = new SimulatedConnect(redis, clock, true);

  /**
   * A connector that has read nothing yet.
   *
   * @param settings names and values in turn, beside those that no test is about
   */
  Scenario(String... settings) {
    this.settings.put("name", "c");
    this.settings.put("redis.streams", STREAM);
    this.settings.put("redis.read.block.ms", "1");
    this.settings.put("errors.retry.delay.max.ms", "100");
    this.settings.put("event.format", "generic");
    put(this.settings, settings);
  }

  private static void put(Map<String, String> connector, String... settings) {
    for (int i = 0; i < settings.length; i += 2) {
      connector.put(settings[i], settings[i + 1]);
    }
  }

  /** Sets Connect's exactly-once support, before a task is started. */
  final void withExactlyOnce(boolean supported) {
    connect = new SimulatedConnect(redis, clock, supported);
  }

  /** Fences the previous task and starts a new one. */
  final SimulatedTask start(String... more) {
    return startTasks(1, more).get(0);
  }

  final List<SimulatedTask> startTasks(int most, String... more) {
    Map<String, String> connector = new HashMap<>(settings);
    put(connector, more);
    return connect.start(connector, most);
  }

  /** Adds entries; each as stream and id, as {@link SimulatedConnect#committed} has it. */
  final List<String> add(int count) {
    return add(STREAM, count);
  }

  final List<String> add(String stream, int count) {
    List<String> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      added.add(
          stream + "/" + Replies.text(redis.call("XADD", stream, "*", "claim_id", "CLM-" + i)));
    }
    clock.advance(Duration.ofMillis(5));
    return added;
  }

  /** Adds an entry in which a field occurs twice. */
  final String addBad() {
    Object id = redis.call("XADD", STREAM, "*", "claim_id", "B", "a", 1, "a", 2);
    clock.advance(Duration.ofMillis(5));
    return STREAM + "/" + Replies.text(id);
  }

  static String id(String record) {
    return record.substring(record.indexOf('/') + 1);
  }

  /** Creates the group at the stream's beginning and delivers all entries to a consumer. */
  final void giveTo(String consumer) {
    redis.call("XGROUP", "CREATE", STREAM, GROUP, "0");
    redis.call("XREADGROUP", "GROUP", GROUP, consumer, "STREAMS", STREAM, ">");
  }

  /** Redelivers a consumer's pending entries above an id the given number of times. */
  final void redeliver(String consumer, String after, int times) {
    for (int i = 0; i < times; i++) {
      redis.call("XREADGROUP", "GROUP", GROUP, consumer, "STREAMS", STREAM, after);
    }
  }

  /** Runs tasks side by side, as Connect does. */
  static void run(SimulatedTask... tasks) {
    run(TURNS, tasks);
  }

  static void run(int turns, SimulatedTask... tasks) {
    for (int turn = 0; turn < turns; turn++) {
      for (SimulatedTask task : tasks) {
        task.turn();
      }
    }
  }

  /** Runs a task until all waiting work has been retried. */
  final void runLong(SimulatedTask task) {
    for (int i = 0; i < 20; i++) {
      run(task);
      clock.advance(Duration.ofMinutes(1));
    }
  }

  static void poll(SimulatedTask task, int times) {
    for (int i = 0; i < times; i++) {
      task.poll();
    }
  }

  final long pending() {
    return (Long) Replies.list(redis.call("XPENDING", STREAM, GROUP)).get(0);
  }

  /** Number of dead letters in Redis. */
  final long failed() {
    return (long) requireNonNull(redis.call("XLEN", FAILED));
  }

  /** Starts counting commands. */
  final void count() {
    calls.clear();
    redis.faults(
        command -> {
          boolean isSummary = command.name().equals("XPENDING") && command.arguments().size() == 2;
          calls.merge(isSummary ? "summary" : command.name(), 1, Integer::sum);
          return null;
        });
  }
}
