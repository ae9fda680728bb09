/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;

/** A Redis server of its own, on a free port of the loopback interface, without persistence. */
final class RedisProcess implements AutoCloseable {
  private final Process process;
  private final int port;

  private RedisProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one that keeps its files in that directory, and waits until it answers. */
  static RedisProcess start(Path directory) throws IOException {
    Path binary = directory.resolve("redis-server");
    try (InputStream in = RedisProcess.class.getResourceAsStream(resource())) {
      Files.copy(requireNonNull(in, resource()), binary);
    }
    if (!binary.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + binary + " executable");
    }
    int port = freePort();
    Process process =
        new ProcessBuilder(
                binary.toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--save",
                "")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("redis.log").toFile())
            .start();
    RedisProcess redis = new RedisProcess(process, port);
    try {
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreException(RedisOutageException.class)
          .until(() -> redis.call("PING") != null);
    } catch (ConditionTimeoutException e) {
      redis.close();
      throw e;
    }
    return redis;
  }

  private static String resource() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    return "/redis-server-7.0.15-" + (os.startsWith("mac") ? "darwin" : "linux") + '-' + arch;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  RedisConnections connections() {
    return RedisConnections.of(
        new RedisStreamSinkConfig(Map.of("name", "test", "redis.uri", uri())).redis());
  }

  /** Runs one command on a connection of its own. */
  Object call(String name, Object... arguments) {
    try (RedisConnection connection = connections().open("")) {
      return requireNonNull(connection.call(Command.of(name, arguments)));
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
