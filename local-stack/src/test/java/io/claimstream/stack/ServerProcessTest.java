/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerProcessTest {
  @TempDir private Path dir;

  @Test
  void givenAServerThatDiesThenItsLastLogLinesAreReported() {
    ServerProcess server =
        new ServerProcess(
            "broken",
            dir,
            List.of("/bin/sh", "-c", "echo first; echo no disk >&2; exit 3"),
            () -> false,
            Duration.ofSeconds(10));

    assertThatThrownBy(server::start)
        .isInstanceOf(StackException.class)
        .hasMessageStartingWith("broken exited with status 3; last lines of ")
        .hasMessageEndingWith("first\nno disk");
  }

  @Test
  void givenAServerThatIsNeverReadyThenItIsEnded() {
    ServerProcess server =
        new ServerProcess(
            "slow",
            dir,
            List.of("/bin/sh", "-c", "exec sleep 60"),
            () -> {
              throw new IOException("refused");
            },
            Duration.ofMillis(200));

    assertThatThrownBy(server::start)
        .isInstanceOf(StackException.class)
        .hasMessageStartingWith("slow was not ready after");
    assertThat(server.isAlive()).isFalse();
  }

  @Test
  void givenAPausedServerWhenClosedThenItEnds() throws IOException {
    RedisServer redis = RedisServer.start(RealRedis.files(), dir, 0);
    try (redis) {
      redis.pause();

      assertThatThrownBy(() -> RealRedis.ask(redis.port(), "PING"))
          .isInstanceOf(SocketTimeoutException.class);
    }

    assertThat(FreePorts.isFree(redis.port())).isTrue();
  }

  @Test
  void givenAPausedServerWhenResumedThenItAnswersAgain() throws IOException {
    try (RedisServer redis = RedisServer.start(RealRedis.files(), dir, 0)) {
      redis.pause();
      redis.resume();

      assertThat(RealRedis.ask(redis.port(), "PING")).isEqualTo("+PONG");
    }
  }

  @Test
  void redisKeepsItsDataWhenKilled() throws IOException {
    try (RedisServer redis = RedisServer.start(RealRedis.files(), dir, 0)) {
      int port = redis.port();
      assertThat(RealRedis.ask(port, "SET claim 4711")).isEqualTo("+OK");

      redis.kill();
      assertThat(FreePorts.isFree(port)).isTrue();
      redis.restart();

      assertThat(RealRedis.ask(port, "STRLEN claim")).isEqualTo(":4");
    }
  }

  @Test
  void givenAWrongRedisSettingThenTheFaultIsReported() {
    StackFiles files = RealRedis.files();

    assertThatThrownBy(() -> RedisServer.start(files, dir, 0, "maxmemory plenty"))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("maxmemory plenty");
  }

  @Test
  void givenATakenPortThenTheOptionToChangeIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(FreePorts.loopback(), 0));
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> FreePorts.require(port, "--redis-port"))
          .isInstanceOf(StackException.class)
          .hasMessage("port " + port + " is taken; choose another with --redis-port");
      assertThatThrownBy(() -> LocalStack.in(dir).redisPort(port).start())
          .isInstanceOf(StackException.class)
          .hasMessage("port " + port + " is taken; choose another with --redis-port");
    }
  }

  @Test
  void givenAJvmThatWasKilledThenTheNextRunEndsItsServersAndNoOthers() throws Exception {
    Process launcher = launch("kill");
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8))) {
      ProcessHandle redis = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
      launcher.destroyForcibly().waitFor();
      assertThat(redis.isAlive()).as("nobody could stop it").isTrue();
      // the id of a process that ended long ago may be another one's today
      Files.writeString(dir.resolve("other.pid"), ProcessHandle.current().pid() + " 1");

      assertThat(LeftoverProcesses.end(dir)).isEqualTo(1);

      assertThat(redis.isAlive()).isFalse();
    } finally {
      launcher.destroyForcibly();
    }
  }

  private Process launch(String end) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Launcher.class.getName(),
            dir.toString(),
            end)
        .redirectErrorStream(true)
        .start();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit", "terminate"})
  void givenAJvmThatEndsThenItsServersEnd(String end) throws Exception {
    Process launcher = launch(end);
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8))) {
      String line = output.readLine();
      assertThat(line).matches("\\d+");
      ProcessHandle redis = ProcessHandle.of(Long.parseLong(line)).orElseThrow();

      if (end.equals("terminate")) {
        assertThat(redis.isAlive()).isTrue();
        launcher.destroy();
      } else {
        launcher.getOutputStream().close();
      }

      assertThat(launcher.waitFor(20, TimeUnit.SECONDS)).isTrue();
      await().atMost(Duration.ofSeconds(5)).until(() -> !redis.isAlive());
    } finally {
      launcher.destroyForcibly();
    }
  }

  /** Starts Redis, prints its process id, and ends without a close when its input ends. */
  static final class Launcher {
    private Launcher() {}

    public static void main(String[] arguments) throws IOException {
      RedisServer.start(RealRedis.files(), Path.of(arguments[0]), 0);
      System.out.println(
          ProcessHandle.current().children().map(ProcessHandle::pid).findFirst().orElseThrow());
      int ended = System.in.read();
      System.exit(Math.max(ended, 0));
    }
  }
}
