/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

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
 * Redis, Kafka, a schema registry and one Connect worker on loopback: child processes that end with
 * this JVM at the latest. Safe for use by several threads.
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

  /** Describes a stack with its data and logs in a folder; existing data is kept. */
  public static Builder in(Path dir) {
    return new Builder(dir);
  }

  /**
   * Unpacks a plugin zip into a plugin path and replaces the plugin folders it contains.
   *
   * @throws StackException if the zip is broken or contains anything but plugin folders
   */
  public static void installPlugin(Path zip, Path pluginPath) {
    try {
      PluginZip.unpack(zip, pluginPath);
    } catch (IOException e) {
      throw new StackException("cannot unpack " + zip + " into " + pluginPath, e);
    }
  }

  /** Returns the Redis server. */
  public RedisServer redis() {
    return redis;
  }

  /** Returns the Kafka broker. */
  public KafkaBroker kafka() {
    return kafka;
  }

  /**
   * Returns the schema registry.
   *
   * @throws IllegalStateException if the stack was started without one
   */
  public SchemaRegistry registry() {
    if (registry == null) {
      throw new IllegalStateException("this stack was started without a schema registry");
    }
    return registry;
  }

  /** Returns the Connect worker. */
  public ConnectWorker connect() {
    return connect;
  }

  /**
   * Creates topics with that many partitions each; an existing topic stays unchanged.
   *
   * @throws StackException if Kafka refuses or does not reply
   */
  public void createTopics(Map<String, Integer> partitions) {
    Topics.create(kafka.bootstrapServers(), partitions);
  }

  /** Stops all servers in reverse order. */
  @Override
  public void close() {
    servers.close();
  }

  /** The servers to start. Ports default to free ones. Used by one thread. */
  public static final class Builder {
    private final Path dir;
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

    /**
     * Sets the folder with one folder per plugin; default: {@code plugins} in the stack's folder.
     */
    public Builder pluginPath(Path pluginPath) {
      this.pluginPath = pluginPath;
      return this;
    }

    /** Sets Redis' port. */
    public Builder redisPort(int port) {
      this.redisPort = port;
      return this;
    }

    /** Sets Kafka's port. */
    public Builder kafkaPort(int port) {
      this.kafkaPort = port;
      return this;
    }

    /** Sets the port of Connect's REST API. */
    public Builder connectPort(int port) {
      this.connectPort = port;
      return this;
    }

    /** Sets the schema registry's port. */
    public Builder registryPort(int port) {
      this.registryPort = port;
      return this;
    }

    /** Sets the receiver of a line for each server that is ready; called by several threads. */
    public Builder progress(Consumer<String> progress) {
      this.progress = progress;
      return this;
    }

    /** Sets worker properties that override the shipped ones. */
    public Builder worker(Map<String, String> overrides) {
      this.workerOverrides = Map.copyOf(overrides);
      return this;
    }

    /** Adds options to the worker's JVM, such as {@link LoopbackJmx}'s. */
    public Builder workerJvm(List<String> options) {
      this.workerJvm = List.copyOf(options);
      return this;
    }

    /** Sets whether to start a schema registry; default: true. */
    public Builder withRegistry(boolean withRegistry) {
      this.withRegistry = withRegistry;
      return this;
    }

    /**
     * Starts everything and returns when all servers are ready.
     *
     * @throws StackException if a port is taken or a server does not start; nothing runs then
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
      // all ports before any server: a taken port is reported at once
      int redisAt = FreePorts.require(redisPort, "--redis-port");
      int kafkaAt = FreePorts.require(kafkaPort, "--kafka-port");
      int registryAt = FreePorts.require(registryPort, "--registry-port");
      int connectAt = FreePorts.require(connectPort, "--connect-port");
      StackFiles files = StackFiles.locate();
      ExecutorService threads = Executors.newCachedThreadPool();
      try {
        CompletableFuture<RedisServer> redis =
            CompletableFuture.supplyAsync(
                () ->
                    servers.start(
                        "Redis", () -> RedisServer.start(files, dir.resolve("redis"), redisAt)),
                threads);
        CompletableFuture<KafkaBroker> kafka =
            CompletableFuture.supplyAsync(
                () ->
                    servers.start(
                        "Kafka", () -> KafkaBroker.start(files, dir.resolve("kafka"), kafkaAt)),
                threads);
        CompletableFuture<@Nullable SchemaRegistry> registry =
            CompletableFuture.supplyAsync(
                () -> withRegistry ? startRegistry(servers, files, registryAt) : null, threads);
        CompletableFuture.allOf(redis, kafka, registry).join();
        ConnectWorker connect =
            servers.start(
                "Connect",
                () ->
                    ConnectWorker.start(
                        Java.home(),
                        files,
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

    private SchemaRegistry startRegistry(StartedServers servers, StackFiles files, int port) {
      return servers.start(
          "Schema registry", () -> SchemaRegistry.start(files, dir.resolve("registry"), port));
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
