/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redis, Kafka, a schema registry and one Connect worker on loopback: children of this JVM that end
 * with it at the latest. All methods may be called from any thread.
 */
public final class LocalStack implements AutoCloseable {
  private final RedisServer redis;
  private final KafkaBroker kafka;
  private final @Nullable SchemaRegistry registry;
  private final ConnectWorker connect;
  private final StartedServers servers;

  private LocalStack(
      RedisServer redis,
      KafkaBroker kafka,
      @Nullable SchemaRegistry registry,
      ConnectWorker connect,
      StartedServers servers) {
    this.redis = redis;
    this.kafka = kafka;
    this.registry = registry;
    this.connect = connect;
    this.servers = servers;
  }

  /** Describes a stack with its data and logs in a folder; data found there is kept. */
  public static Builder in(Path dir) {
    return new Builder(dir);
  }

  /**
   * Unpacks a plugin zip into a plugin path, replacing the plugin folders it brings.
   *
   * @throws StackException when the zip is broken or holds anything but plugin folders
   */
  public static void installPlugin(Path zip, Path pluginPath) {
    try {
      PluginZip.unpack(zip, pluginPath);
    } catch (IOException e) {
      throw new StackException("cannot unpack " + zip + " into " + pluginPath, e);
    }
  }

  /** The Redis server. */
  public RedisServer redis() {
    return redis;
  }

  /** The Kafka broker. */
  public KafkaBroker kafka() {
    return kafka;
  }

  /**
   * The schema registry.
   *
   * @throws IllegalStateException when the stack was started without one
   */
  public SchemaRegistry registry() {
    if (registry == null) {
      throw new IllegalStateException("this stack was started without a schema registry");
    }
    return registry;
  }

  /** The Connect worker. */
  public ConnectWorker connect() {
    return connect;
  }

  /**
   * Creates topics with that many partitions each; a topic that exists stays as it is.
   *
   * @throws StackException when Kafka refuses or does not answer
   */
  public void createTopics(Map<String, Integer> partitions) {
    Topics.create(kafka.bootstrapServers(), partitions);
  }

  /** Stops all servers, the last started first. */
  @Override
  public void close() {
    servers.close();
  }

  /** What to start, and where. Every port is a free one unless set. For one thread. */
  public static final class Builder {
    private final Path dir;
    private @Nullable StackFiles files;
    private Path pluginPath;
    private int redisPort;
    private int kafkaPort;
    private int connectPort;
    private int registryPort;
    private Map<String, String> workerOverrides = Map.of();
    private List<String> workerJvm = List.of();
    private Consumer<String> progress = line -> {};
    private boolean withRegistry = true;

    private Builder(Path dir) {
      this.dir = dir;
      this.pluginPath = dir.resolve("plugins");
    }

    /** Where the servers are; found by {@link StackFiles#locate} unless set. */
    public Builder files(StackFiles files) {
      this.files = files;
      return this;
    }

    /** Folder with one folder per plugin; {@code plugins} in the stack's folder unless set. */
    public Builder pluginPath(Path pluginPath) {
      this.pluginPath = pluginPath;
      return this;
    }

    /** Redis' port. */
    public Builder redisPort(int port) {
      this.redisPort = port;
      return this;
    }

    /** Kafka's port. */
    public Builder kafkaPort(int port) {
      this.kafkaPort = port;
      return this;
    }

    /** Port of Connect's REST API. */
    public Builder connectPort(int port) {
      this.connectPort = port;
      return this;
    }

    /** The schema registry's port. */
    public Builder registryPort(int port) {
      this.registryPort = port;
      return this;
    }

    /** Takes one line per server that is ready, from several threads. */
    public Builder progress(Consumer<String> progress) {
      this.progress = progress;
      return this;
    }

    /** Worker properties that win over the shipped ones. */
    public Builder worker(Map<String, String> overrides) {
      this.workerOverrides = Map.copyOf(overrides);
      return this;
    }

    /** Options of the worker's JVM besides the usual ones, such as {@link LoopbackJmx}'s. */
    public Builder workerJvm(List<String> options) {
      this.workerJvm = List.copyOf(options);
      return this;
    }

    /** Whether to start a schema registry; true unless set. */
    public Builder withRegistry(boolean withRegistry) {
      this.withRegistry = withRegistry;
      return this;
    }

    /**
     * Starts everything and returns when all servers are ready.
     *
     * @throws StackException when a port is taken or a server does not come up; nothing runs then
     */
    public LocalStack start() {
      StartedServers servers = new StartedServers(progress);
      try {
        return start(servers);
      } catch (CompletionException e) {
        StackException failure =
            e.getCause() instanceof StackException known
                ? known
                : new StackException("the local stack did not start: " + e.getCause(), e);
        throw stopped(servers, failure);
      } catch (RuntimeException e) {
        throw stopped(servers, e);
      }
    }

    private LocalStack start(StartedServers servers) {
      StackFiles found = files == null ? StackFiles.locate() : files;
      // all ports before any server: a taken one is told at once
      int redisAt = FreePorts.require(redisPort, "--redis-port");
      int kafkaAt = FreePorts.require(kafkaPort, "--kafka-port");
      int registryAt = FreePorts.require(registryPort, "--registry-port");
      int connectAt = FreePorts.require(connectPort, "--connect-port");
      ExecutorService threads = Executors.newCachedThreadPool();
      try {
        CompletableFuture<RedisServer> redis =
            CompletableFuture.supplyAsync(
                () ->
                    servers.start(
                        "Redis", () -> RedisServer.start(found, dir.resolve("redis"), redisAt)),
                threads);
        CompletableFuture<KafkaBroker> kafka =
            CompletableFuture.supplyAsync(
                () ->
                    servers.start(
                        "Kafka", () -> KafkaBroker.start(found, dir.resolve("kafka"), kafkaAt)),
                threads);
        CompletableFuture<@Nullable SchemaRegistry> registry =
            CompletableFuture.supplyAsync(
                () -> withRegistry ? startRegistry(servers, found, registryAt) : null, threads);
        CompletableFuture.allOf(redis, kafka, registry).join();
        ConnectWorker connect =
            servers.start(
                "Connect",
                () ->
                    ConnectWorker.start(
                        Java.home(),
                        found,
                        dir.resolve("connect"),
                        connectAt,
                        kafka.join().bootstrapServers(),
                        pluginPath,
                        workerOverrides,
                        workerJvm));
        return new LocalStack(redis.join(), kafka.join(), registry.join(), connect, servers);
      } finally {
        threads.shutdown();
      }
    }

    private SchemaRegistry startRegistry(StartedServers servers, StackFiles found, int port) {
      return servers.start(
          "Schema registry", () -> SchemaRegistry.start(found, dir.resolve("registry"), port));
    }

    private static RuntimeException stopped(StartedServers servers, RuntimeException failure) {
      try {
        servers.close();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
      return failure;
    }
  }
}
