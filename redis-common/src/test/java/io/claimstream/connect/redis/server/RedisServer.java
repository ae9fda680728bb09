/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.server;

import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.awaitility.Awaitility;

/** A real server on a free port of the loopback interface, without persistence. */
public final class RedisServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path folder;
  private final int port;
  private final Process process;

  private RedisServer(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Returns whether there is a server for this machine's system and processor. */
  public static boolean isAvailable() {
    return resource().isPresent();
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param options command-line options, starting with a configuration file if there is one, such
   *     as {@code --requirepass secret}; {@code %PORT%} is replaced with the server's port
   */
  public static RedisServer start(String... options) {
    try {
      Path folder = Files.createTempDirectory("redis");
      Path executable = extract(folder);
      int port = freePort();
      List<String> words = new ArrayList<>();
      words.add(executable.toString());
      boolean hasFile = options.length > 0 && !options[0].startsWith("--");
      if (hasFile) {
        words.add(options[0]);
      }
      words.addAll(List.of("--port", String.valueOf(port), "--bind", "127.0.0.1"));
      words.addAll(List.of("--dir", folder.toString()));
      for (String option : List.of(options).subList(hasFile ? 1 : 0, options.length)) {
        words.add(option.replace("%PORT%", String.valueOf(port)));
      }
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("redis.log").toFile())
              .start();
      RedisServer server = new RedisServer(folder, port, process);
      try {
        Awaitility.await("Redis on port " + port).atMost(PATIENCE).until(server::listens);
      } catch (RuntimeException e) {
        server.close();
        throw e;
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean listens() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "Redis ended: " + Files.readString(folder.resolve("redis.log")));
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Returns the port. */
  public int port() {
    return port;
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
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static Path extract(Path folder) throws IOException {
    String name = resource().orElseThrow(() -> new IllegalStateException("no Redis for " + arch()));
    Path executable = folder.resolve("redis-server");
    try (InputStream in = RedisServer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is gone from the class path");
      }
      Files.copy(in, executable);
    }
    Files.setPosixFilePermissions(executable, PosixFilePermissions.fromString("rwx------"));
    executable.toFile().deleteOnExit();
    return executable;
  }

  private static Optional<String> resource() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("mac") ? "darwin" : system.startsWith("linux") ? "linux" : "";
    return Optional.of("/redis-server-7.0.15-" + name + '-' + arch())
        .filter(path -> RedisServer.class.getResource(path) != null);
  }

  private static String arch() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
