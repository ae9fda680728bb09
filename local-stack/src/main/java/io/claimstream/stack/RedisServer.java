/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Redis server on loopback that keeps its data across a restart and a kill, with Redis' defaults
 * except for {@link Deviation}. Safe for use by several threads.
 */
public final class RedisServer extends LocalServer {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final int PROBE_MILLIS = 1000;

  private final int port;

  private RedisServer(int port, ServerProcess process) {
    super(process);
    this.port = port;
  }

  /**
   * Starts a server and returns when it replies.
   *
   * @param dir the folder of its configuration, data and log; existing data is kept
   * @param port loopback port, or 0 for a free one; without TLS
   * @param extraConfigLines lines of a redis.conf that override the others, such as {@code
   *     appendfsync always}
   * @throws StackException if the port is taken or the server does not start
   */
  public static RedisServer start(
      StackFiles files, Path dir, int port, String... extraConfigLines) {
    int actualPort = FreePorts.require(port, "the Redis port");
    Path home = dir.toAbsolutePath();
    List<String> config =
        new ArrayList<>(List.of("bind 127.0.0.1", "port " + actualPort, "dir \"" + home + "\""));
    config.addAll(Deviation.redisLines(Deviation.Server.REDIS));
    config.addAll(List.of(extraConfigLines));
    Path configFile = home.resolve("redis.conf");
    try {
      Files.createDirectories(home);
      Files.write(configFile, config);
    } catch (IOException e) {
      throw new StackException("cannot write " + configFile, e);
    }
    RedisServer server =
        new RedisServer(
            actualPort,
            new ServerProcess(
                "redis",
                home,
                List.of(files.redisServer().toString(), configFile.toString()),
                () -> answers(actualPort),
                START_TIMEOUT));
    server.start();
    return server;
  }

  /** Returns the loopback port. */
  public int port() {
    return port;
  }

  /** Returns {@code redis://127.0.0.1:port}. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  static boolean answers(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(FreePorts.loopback(), port), PROBE_MILLIS);
      socket.setSoTimeout(PROBE_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
      String reply = new String(socket.getInputStream().readNBytes(7), US_ASCII);
      // with a password set, a refusal is a reply, too; LOADING is not
      return reply.startsWith("+PONG") || reply.startsWith("-NOAUTH");
    }
  }
}
