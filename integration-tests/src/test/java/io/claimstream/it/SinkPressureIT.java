/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a Redis in trouble does to a sink under load: its task stays RUNNING, goes on by itself, and
 * nothing is lost or doubled. {@code -Pchaos} makes the outage longer.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SinkPressureIT extends SinkTestBase {
  private static final int PARTITIONS = 3;
  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("chaos.outage.seconds", 3));
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(3);
  private static final String[] SETTINGS = {
    "tasks.max", "2",
    "redis.write.count", "50",
    "redis.command.timeout.ms", String.valueOf(COMMAND_TIMEOUT.toMillis()),
    "consumer.override.max.poll.records", "200"
  };

  private final AtomicBoolean goesOn = new AtomicBoolean(true);
  private final AtomicInteger produced = new AtomicInteger();

  SinkPressureIT(Stack stack) {
    super(stack, PARTITIONS);
  }

  @AfterEach
  void stopLoad() {
    goesOn.set(false);
  }

  @Test
  void taskGoesOnByItselfWhateverRedisSuffers() {
    // given
    start(SETTINGS);
    CompletableFuture<Void> load = load();
    goesOnFromHere("at first");

    // when memory runs out while it writes
    try (Redis redis = stack.redis()) {
      redis.call("CONFIG", "SET", "maxmemory", usedMemory(redis) + 100_000);
      outIsLogged("OOM");
      redis.call("CONFIG", "SET", "maxmemory", "0");
    }
    goesOnFromHere("memory is there again");

    // and it becomes a replica, as after a failover
    try (Redis redis = stack.redis()) {
      redis.call("REPLICAOF", "127.0.0.1", "1");
      outIsLogged("READONLY");
      redis.call("REPLICAOF", "NO", "ONE");
    }
    goesOnFromHere("it takes writes again");

    // and it answers late, but in time
    try (Redis redis = stack.redis()) {
      for (int i = 0; i < 5; i++) {
        redis.call("CLIENT", "PAUSE", 400, "WRITE");
        hold(Duration.ofMillis(600));
      }
    }
    goesOnFromHere("it is quick again");

    // and it answers nothing for longer than the command timeout
    stack.servers().redis().pause();
    hold(COMMAND_TIMEOUT.plusSeconds(1));
    stack.servers().redis().resume();
    goesOnFromHere("it answers again");

    // and connections break at any moment
    try (Redis redis = stack.redis()) {
      for (int i = 0; i < 100; i++) {
        redis.call("CLIENT", "KILL", "TYPE", "normal");
        hold(Duration.ofMillis(20));
      }
    }
    goesOnFromHere("connections last again");

    // and it is gone for a while
    try (Redis redis = stack.redis()) {
      redis.call("CONFIG", "SET", "appendfsync", "always");
    }
    stack.servers().redis().kill();
    hold(OUTAGE);
    assertAllRunning();
    stack.servers().redis().restart();
    goesOnFromHere("it is back");
    goesOn.set(false);
    load.join();

    // then
    assertAllRunning();
    assertEachRecordOnceAndInOrder("whatever Redis suffers", produced.get());
  }

  @Test
  void stopIsNotHeldUpByARedisThatDoesNotAnswer() throws Exception {
    // given a task in the middle of a write
    start(SETTINGS);
    CompletableFuture<Void> load = load();
    goesOnFromHere("at first");
    stack.servers().redis().pause();
    hold(Duration.ofMillis(500));

    // when
    long before = System.nanoTime();
    stack.connect().stop(connector);
    Duration held;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", topic.bootstrapServers()))) {
      await("the tasks' end").atMost(PATIENCE).until(() -> hasNoMembers(admin));
      held = Duration.ofNanos(System.nanoTime() - before);
    } finally {
      stack.servers().redis().resume();
      goesOn.set(false);
    }
    load.join();

    // then the tasks left their group in time, and the worker did not have to give them up
    System.out.printf(
        "sink, stop with a frozen Redis: tasks ended after %d ms, command timeout %d ms%n",
        held.toMillis(), COMMAND_TIMEOUT.toMillis());
    assertThat(held).isLessThan(COMMAND_TIMEOUT.plusSeconds(2));
    assertThat(stack.log("Graceful stop of task " + connector)).isEmpty();
    stack.connect().resume(connector);
    assertEachRecordOnceAndInOrder("stopped with a frozen Redis", produced.get());
  }

  private boolean hasNoMembers(Admin admin) throws Exception {
    return admin.describeConsumerGroups(List.of(connector)).all().get().values().stream()
        .allMatch(group -> group.members().isEmpty());
  }

  /** Writes numbered records in the background until told to stop. */
  private CompletableFuture<Void> load() {
    int step = 100;
    return CompletableFuture.runAsync(
        () -> {
          while (goesOn.get()) {
            produce(produced.get(), produced.get() + step);
            produced.addAndGet(step);
            hold(Duration.ofMillis(20));
          }
        });
  }

  /** All that was produced so far arrives, and more. */
  private void goesOnFromHere(String when) {
    int now = produced.get() + 1;
    assertThat(arrived(now)).as(when).hasSizeGreaterThanOrEqualTo(now);
    assertAllRunning();
  }

  private void outIsLogged(String code) {
    await(code)
        .atMost(PATIENCE)
        .until(() -> !stack.log(stream, "Redis is unavailable", code).isEmpty());
    assertAllRunning();
  }

  private void assertAllRunning() {
    JsonNode tasks = stack.connect().status(connector).path("tasks");
    assertThat(tasks.findValuesAsText("state")).hasSize(2).containsOnly("RUNNING");
  }

  private static long usedMemory(Redis redis) {
    return redis
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length())))
        .sum();
  }

  /** How long a trouble lasts is the one thing here that must not wait for a condition. */
  private static void hold(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }
}
