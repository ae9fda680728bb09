/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.SchemaRegistry;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.StartedServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Redis, Kafka and a registry that are shared by all measurements; workers are created as needed.
 */
final class Servers implements AutoCloseable {
  /** JVM options of Kafka's own start scripts, instead of those for short tests. */
  private static final List<String> AS_IN_PRODUCTION =
      List.of(
          "-XX:TieredStopAtLevel=4",
          "-XX:-UseSerialGC",
          "-XX:+UseG1GC",
          "-XX:MaxGCPauseMillis=20",
          "-XX:InitiatingHeapOccupancyPercent=35");

  private final StackFiles files;
  private final Path dir;
  private final RedisServer redis;
  private final KafkaBroker kafka;
  private final SchemaRegistry registry;
  private final Path plugins;
  private final StartedServers started;
  private int workers;

  private Servers(
      StartedServers started,
      StackFiles files,
      Path dir,
      Path checkout,
      Optional<Path> otherPlugin,
      int transactionBackoff) {
    this.started = started;
    this.files = files;
    this.dir = dir;
    this.plugins = dir.resolve("plugins");
    PluginFolder.fill(plugins, checkout);
    otherPlugin.ifPresent(other -> PluginFolder.add(plugins, other));
    // no writes to disk: the disk is not measured
    this.redis =
        started.start(
            "Redis",
            () -> RedisServer.start(files, dir.resolve("redis"), 0, "appendonly no", "save \"\""));
    List<String> jvm = new ArrayList<>(AS_IN_PRODUCTION);
    jvm.add("-Xmx1g");
    Map<String, String> settings =
        Map.of("add.partitions.to.txn.retry.backoff.ms", Integer.toString(transactionBackoff));
    this.kafka =
        started.start(
            "Kafka", () -> KafkaBroker.start(files, dir.resolve("kafka"), 0, settings, jvm));
    this.registry =
        started.start(
            "Schema registry", () -> SchemaRegistry.start(files, dir.resolve("registry"), 0));
  }

  /**
   * Starts the servers with their data and logs in a folder.
   *
   * @param otherPlugin another connector's folder, for the workers
   * @param transactionBackoff the broker's {@code add.partitions.to.txn.retry.backoff.ms}
   */
  static Servers start(
      Path dir, Path checkout, Optional<Path> otherPlugin, int transactionBackoff) {
    StartedServers started = new StartedServers(progress -> {});
    try {
      return new Servers(
          started, StackFiles.locate(), dir, checkout, otherPlugin, transactionBackoff);
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  Path dir() {
    return dir;
  }

  RedisServer redis() {
    return redis;
  }

  KafkaBroker kafka() {
    return kafka;
  }

  SchemaRegistry registry() {
    return registry;
  }

  /** Starts a fresh worker, alone in its group. */
  Worker worker(String heap) {
    return worker(heap, Map.of(), List.of());
  }

  /** Starts a worker with additional properties and JVM options. */
  Worker worker(String heap, Map<String, String> overrides, List<String> jvmOptions) {
    int number = ++workers;
    List<String> jvm = new ArrayList<>(AS_IN_PRODUCTION);
    jvm.add("-Xmx" + heap);
    jvm.addAll(jvmOptions);
    Map<String, String> properties =
        new HashMap<>(
            Map.of(
                "group.id", "benchmark-" + number,
                "offset.flush.interval.ms", "10000",
                "key.converter", "org.apache.kafka.connect.storage.StringConverter"));
    properties.putAll(overrides);
    return Worker.start(
        files, dir.resolve("worker-" + number), kafka.bootstrapServers(), plugins, properties, jvm);
  }

  @Override
  public void close() {
    started.close();
  }
}
