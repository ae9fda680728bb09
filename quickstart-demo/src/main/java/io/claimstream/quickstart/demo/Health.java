/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.quickstart.demo.GroupMonitor.Group;
import io.claimstream.quickstart.demo.Probe.Reading;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.LocalStack;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The state of Redis, Connect and the registry, each polled twice a second. */
final class Health implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(500);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long FRESH_NANOS = Duration.ofMillis(1_500).toNanos();

  private final GroupMonitor monitor;
  private final Probe<Optional<Group>> redis;
  private final Probe<List<TaskState>> connect;
  private final Probe<List<String>> registry;

  private Health(
      GroupMonitor monitor,
      Probe<Optional<Group>> redis,
      Probe<List<TaskState>> connect,
      Probe<List<String>> registry) {
    this.monitor = monitor;
    this.redis = redis;
    this.connect = connect;
    this.registry = registry;
  }

  /** Starts polling. */
  static Health of(LocalStack stack, RedisConnections redis) {
    GroupMonitor monitor = new GroupMonitor(redis);
    ConnectRest rest = new ConnectRest(stack.connect().url(), TIMEOUT);
    return new Health(
        monitor,
        Probe.start("redis-probe", PERIOD, monitor::group),
        Probe.start("connect-probe", PERIOD, () -> TaskState.all(rest)),
        Probe.start("registry-probe", PERIOD, () -> stack.registry().subjects(TIMEOUT)));
  }

  /** Returns the last known group; empty if Redis did not reply or has no group. */
  Optional<Group> group() {
    return redis.last().map(Reading::value).flatMap(group -> group);
  }

  /** Returns the group as requested after that moment; empty until it is known. */
  Optional<Group> groupAfter(long nanos) {
    return redis
        .last()
        .filter(reading -> reading.askedAt() - nanos > 0)
        .map(Reading::value)
        .flatMap(group -> group);
  }

  /** Returns the connectors and tasks; empty if Connect did not reply. */
  List<TaskState> tasks() {
    return connect.last().map(Reading::value).orElse(List.of());
  }

  /**
   * Returns the connectors and tasks as requested after that moment; empty until they are known.
   */
  Optional<List<TaskState>> tasksAfter(long nanos) {
    return connect.last().filter(reading -> reading.askedAt() - nanos > 0).map(Reading::value);
  }

  /** Returns the registry's subjects; empty if it did not reply. */
  List<String> subjects() {
    return registry.last().map(Reading::value).orElse(List.of());
  }

  boolean redisAnswers(long now) {
    return answers(redis.last(), now);
  }

  boolean connectAnswers(long now) {
    return answers(connect.last(), now);
  }

  boolean registryAnswers(long now) {
    return answers(registry.last(), now);
  }

  private static boolean answers(Optional<? extends Reading<?>> last, long now) {
    return last.filter(reading -> reading.isAnswer() && now - reading.askedAt() < FRESH_NANOS)
        .isPresent();
  }

  @Override
  public void close() {
    redis.close();
    connect.close();
    registry.close();
    monitor.close();
  }
}
