/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A sentinel on loopback that watches one master and finds its replicas and the other sentinels by
 * itself. Fails over two seconds after the master stopped answering. All methods may be called from
 * any thread.
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
   * Starts a sentinel and returns when it answers; it may not know the replicas yet.
   *
   * @param dir folder of its configuration and log, its own even among sentinels of one master
   * @param port loopback port, or 0 for a free one
   * @param masterName what clients ask for
   * @param master the master now
   * @param quorum how many sentinels must agree that the master is down
   * @throws StackException when the port is taken or the sentinel does not come up
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

  /** The loopback port. */
  public int port() {
    return port;
  }

  /** {@code redis://127.0.0.1:port}. */
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
