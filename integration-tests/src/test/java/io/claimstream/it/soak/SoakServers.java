/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.it.InterruptibleProxy;
import io.claimstream.it.Redis;
import io.claimstream.it.RedisPair;
import io.claimstream.it.Stack;
import io.claimstream.stack.ConnectRest;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.Deviation;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.KafkaBroker;
import io.claimstream.stack.LoopbackJmx;
import io.claimstream.stack.SchemaRegistry;
import io.claimstream.stack.StackFiles;
import io.claimstream.stack.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A Redis master and replica, a broker, a registry and a worker of the soak's own. The worker
 * reaches all others through proxies, which stand for the network between hosts.
 */
final class SoakServers implements AutoCloseable {
  static final String EVENTS = "claims:events";
  static final String ANALYTICS = "claims:analytics";
  static final String FAILED = "claims:failed";
  static final String EVENTS_TOPIC = "claims.events";
  static final String FAILED_TOPIC = "claims.failed";

  /** The sink's dead letter queue: nothing may be in it. */
  static final String SINK_FAILED_TOPIC = "claims.analytics.failed";

  /** The topics that the source's transactions write to. */
  static final List<String> TRANSACTIONAL_TOPICS =
      List.of(EVENTS_TOPIC, FAILED_TOPIC, "connect-offsets");

  private static final int PARTITIONS = 3;

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final SmallDisk firstDisk;
  private final SmallDisk secondDisk;
  private final RedisPair redis;
  private final int firstRedisPort;
  private final InterruptibleProxy firstRedis;
  private final InterruptibleProxy secondRedis;
  private final KafkaBroker kafka;
  private final InterruptibleProxy kafkaNetwork;
  private final SchemaRegistry registry;
  private final InterruptibleProxy registryNetwork;
  private final ConnectWorker connect;
  private final Path dir;
  private final Path plugins;
  private final int jmxPort = FreePorts.free();

  /** Starts everything in that folder, which is emptied first. */
  SoakServers(Path dir) {
    this.dir = dir;
    Path redisDir = dir.resolve("redis");
    List<Path> disks = List.of(redisDir.resolve("first/data"), redisDir.resolve("second/data"));
    disks.forEach(SmallDisk::forget);
    this.plugins = Stack.installPlugins(dir);
    StackFiles files = StackFiles.locate();
    try {
      this.firstDisk = closeLater(new SmallDisk(disks.get(0)));
      this.secondDisk = closeLater(new SmallDisk(disks.get(1)));
      this.redis = closeLater(new RedisPair(redisDir));
      this.firstRedisPort = redis.master().server().port();
      this.firstRedis = proxy(firstRedisPort);
      this.secondRedis = proxy(redis.replica().server().port());
      int kafkaPort = FreePorts.free();
      this.kafkaNetwork = proxy(kafkaPort);
      this.kafka =
          closeLater(
              KafkaBroker.start(
                  files,
                  dir.resolve("kafka"),
                  kafkaPort,
                  Map.of("advertised.listeners", "PLAINTEXT://" + bootstrapServers())));
      this.registry = closeLater(SchemaRegistry.start(files, dir.resolve("registry"), 0));
      this.registryNetwork = proxy(URI.create(registry.url()).getPort());
      Topics.create(
          bootstrapServers(),
          Map.of(EVENTS_TOPIC, PARTITIONS, FAILED_TOPIC, 1, SINK_FAILED_TOPIC, 1));
      this.connect = closeLater(startWorker("connect", LoopbackJmx.jvmOptions(dir, jmxPort)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private ConnectWorker startWorker(String name, List<String> jvmOptions) {
    return ConnectWorker.start(
        Path.of(System.getProperty("java.home")),
        StackFiles.locate(),
        dir.resolve(name),
        0,
        bootstrapServers(),
        plugins,
        Deviation.of(Deviation.Server.CONNECT_OF_TESTS),
        jvmOptions);
  }

  /** Starts another worker of the same cluster, which ends with this JVM at the latest. */
  ConnectWorker startSecondWorker() {
    return startWorker("connect-2", List.of());
  }

  private InterruptibleProxy proxy(int port) {
    return closeLater(new InterruptibleProxy(port));
  }

  private <T extends AutoCloseable> T closeLater(T server) {
    started.push(server);
    return server;
  }

  RedisPair redis() {
    return redis;
  }

  /** The disk of the Redis server that is the master now. */
  SmallDisk masterDisk() {
    return redis.master().server().port() == firstRedisPort ? firstDisk : secondDisk;
  }

  /** A connection to the master that no fault of the network touches. */
  Redis openRedis() {
    return redis.master().open();
  }

  /** The highest number among the last entries at the other end; -1 if there is none. */
  int newestArrived() {
    try (Redis redis = openRedis()) {
      return Replies.entries(redis.call("XREVRANGE", ANALYTICS, "+", "-", "COUNT", 100)).stream()
          .map(entry -> Redis.fields(entry).get("claim_id"))
          .filter(Objects::nonNull)
          .mapToInt(Ledger::number)
          .max()
          .orElse(-1);
    }
  }

  KafkaBroker kafka() {
    return kafka;
  }

  SchemaRegistry registry() {
    return registry;
  }

  ConnectWorker worker() {
    return connect;
  }

  ConnectRest connect() {
    return connect.rest();
  }

  int jmxPort() {
    return jmxPort;
  }

  /** The worker's ways to both Redis servers. */
  List<InterruptibleProxy> redisNetwork() {
    return List.of(firstRedis, secondRedis);
  }

  /** Everybody's way to the broker. */
  InterruptibleProxy kafkaNetwork() {
    return kafkaNetwork;
  }

  /** The worker's way to the registry. */
  InterruptibleProxy registryNetwork() {
    return registryNetwork;
  }

  /** The broker's address, behind its proxy. */
  String bootstrapServers() {
    return "127.0.0.1:" + kafkaNetwork.port();
  }

  /** The servers' addresses, behind their proxies. */
  String redisUri() {
    return "redis://127.0.0.1:" + firstRedis.port() + ",redis://127.0.0.1:" + secondRedis.port();
  }

  /** The registry's address, behind its proxy. */
  String registryUrl() {
    return "http://127.0.0.1:" + registryNetwork.port() + "/apis/registry/v2";
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        System.err.println("soak: a server did not stop: " + e);
      }
    }
  }
}
