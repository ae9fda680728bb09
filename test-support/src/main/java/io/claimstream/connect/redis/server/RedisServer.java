/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.server;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.stack.FreePorts;
import io.claimstream.stack.ServerProcess;
import io.claimstream.stack.StackException;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * A real server on a free port of the loopback interface, without persistence and with Redis'
 * defaults. Safe for use by several threads.
 */
public final class RedisServer implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

  private final int port;
  private final int busPort;
  private final ServerProcess process;

  private RedisServer(int port, int busPort, ServerProcess process) {
    this.port = port;
    this.busPort = busPort;
    this.process = process;
  }

  /** Returns whether there is a server for this machine's system and processor. */
  public static boolean isAvailable() {
    return StackFiles.hasRedisForThisMachine();
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param options command-line options, starting with a configuration file if there is one, such
   *     as {@code --requirepass secret}; {@code %PORT%} is replaced with the server's port
   * @throws StackException with the last lines of its log if it does not start
   */
  public static RedisServer start(String... options) {
    return start(0, options);
  }

  /**
   * Starts a node of a cluster that has no other node and no slots yet. Its bus has a free port:
   * the default, 10,000 above the server's, may be taken.
   *
   * @throws StackException with the last lines of its log if it does not start
   */
  public static RedisServer startNode() {
    int bus = FreePorts.free();
    return start(bus, "--cluster-enabled", "yes", "--cluster-port", String.valueOf(bus));
  }

  private static RedisServer start(int busPort, String... options) {
    int port = FreePorts.free();
    Path folder = newFolder();
    List<String> command = new ArrayList<>(List.of(StackFiles.collectedRedis().toString()));
    boolean hasFile = options.length > 0 && !options[0].startsWith("--");
    if (hasFile) {
      command.add(options[0]);
    }
    command.addAll(List.of("--port", String.valueOf(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", folder.toString()));
    for (String option : List.of(options).subList(hasFile ? 1 : 0, options.length)) {
      command.add(option.replace("%PORT%", String.valueOf(port)));
    }
    ServerProcess process =
        new ServerProcess("redis", folder, command, () -> listens(port), START_TIMEOUT);
    process.start();
    return new RedisServer(port, busPort, process);
  }

  private static Path newFolder() {
    try {
      return Files.createTempDirectory("redis").toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean listens(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  /** Returns the port. */
  public int port() {
    return port;
  }

  /** Returns the port of a node's bus; 0 without a cluster. */
  public int busPort() {
    return busPort;
  }

  /** Returns the address for {@code redis.uri}. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Opens connections as a connector would with default settings. */
  public RedisConnections connections() {
    return RedisConnections.of(settings(Map.of()));
  }

  /** Opens one connection. */
  public RedisConnection connect() {
    return connections().open("");
  }

  /** Returns settings for this server with the given overrides. */
  public RedisSettings settings(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent(RedisConnectionConfig.URI, uri());
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    return RedisConnectionConfig.settings(new AbstractConfig(def, all, false), "test");
  }

  @Override
  public void close() {
    process.close();
  }
}
