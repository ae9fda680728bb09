/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A sentinel on loopback that watches one master and discovers its replicas and the other
 * sentinels. Fails over two seconds after the master stops replying. Safe for use by several
 * threads.
 */
public final class RedisSentinel implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

  private final int port;
  private final ServerProcess process;

  private RedisSentinel(int port, ServerProcess process) {
    this.port = port;
    this.process = process;
  }

  /**
   * Starts a sentinel and returns when it replies; it may not know the replicas yet.
   *
   * @param dir the folder of its configuration and log, separate for each sentinel of a master
   * @param port loopback port, or 0 for a free one
   * @param masterName the master's name for clients
   * @param master the current master
   * @param quorum the number of sentinels that must agree that the master is down
   * @throws StackException if the port is taken or the sentinel does not start
   */
  public static RedisSentinel start(
      StackFiles files, Path dir, int port, String masterName, RedisServer master, int quorum) {
    int actualPort = FreePorts.require(port, "the sentinel port");
    Path home = dir.toAbsolutePath();
    Path configFile = home.resolve("sentinel.conf");
    List<String> config =
        new ArrayList<>(
            List.of(
                "bind 127.0.0.1",
                "port " + actualPort,
                "dir \"" + home + "\"",
                "sentinel monitor " + masterName + " 127.0.0.1 " + master.port() + " " + quorum));
    Deviation.of(Deviation.Server.SENTINEL)
        .forEach((name, value) -> config.add("sentinel " + name + " " + masterName + " " + value));
    try {
      Files.createDirectories(home);
      Files.write(configFile, config);
    } catch (IOException e) {
      throw new StackException("cannot write " + configFile, e);
    }
    ServerProcess process =
        new ServerProcess(
            "sentinel",
            home,
            List.of(files.redisServer().toString(), configFile.toString(), "--sentinel"),
            () -> RedisServer.answers(actualPort),
            START_TIMEOUT);
    process.start();
    return new RedisSentinel(actualPort, process);
  }

  /** Returns {@code redis://127.0.0.1:port}. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends the sentinel at once, as a crash does. */
  public void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}
