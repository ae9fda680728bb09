/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.server.RedisServer;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class JedisConnectionsTest {
  private static RedisServer server;

  @BeforeAll
  static void startServer() {
    server =
        RedisServer.start(
            "--requirepass", "s3cret", "--user", "reader", "on", ">pass", "~*", "+@read", "+ping");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void flush() {
    try (RedisConnection connection = open(Map.of())) {
      connection.call(Command.of("FLUSHALL"));
    }
  }

  @Test
  void namesItselfAndSelectsTheDatabase() {
    try (RedisConnection connection = open(Map.of("redis.uri", server.uri() + "/3"))) {
      assertThat(Replies.text(connection.call(Command.of("CLIENT", "GETNAME")))).isEqualTo("test");
      assertThat(Replies.text(connection.call(Command.of("CLIENT", "INFO")))).contains(" db=3 ");
      assertThat(connection.address()).isEqualTo("127.0.0.1:" + server.port());
    }
  }

  @Test
  void readsErrorsWhereverTheyAreAndStaysUsable() {
    try (RedisConnection connection = open(Map.of())) {
      List<@Nullable Object> replies =
          connection.pipeline(
              List.of(
                  Command.of("SET", "k", "v"),
                  Command.of("XLEN", "k"),
                  Command.of("MULTI"),
                  Command.of("XLEN", "k"),
                  Command.of("GET", "none"),
                  Command.of("EXEC"),
                  Command.of("PING")));

      assertThat(replies.get(1))
          .isInstanceOfSatisfying(
              ErrorReply.class, e -> assertThat(e.code()).isEqualTo("WRONGTYPE"));
      assertThat(Replies.list(replies.get(5)))
          .satisfiesExactly(
              e -> assertThat(e).isInstanceOf(ErrorReply.class), e -> assertThat(e).isNull());
      assertThat(Replies.text(replies.get(6))).isEqualTo("PONG");
    }
  }

  @Test
  void reportsWhetherAReplyComesWithoutReadingIt() {
    try (RedisConnection connection = open(Map.of())) {
      connection.send(
          List.of(
              Command.of("BLPOP", "nothing", "0.3"), Command.of("PING"), Command.of("ECHO", "x")));

      assertThat(connection.awaitReply(Duration.ofMillis(20))).isFalse();
      assertThat(connection.awaitReply(Duration.ofMillis(20))).isFalse();
      assertThat(connection.awaitReply(Duration.ofSeconds(10))).isTrue();
      assertThat(connection.awaitReply(Duration.ZERO)).isTrue();
      assertThat(connection.receive(2, Duration.ZERO).get(0)).isNull();
      assertThat(connection.awaitReply(Duration.ofSeconds(10))).isTrue();
      assertThat(Replies.text(connection.receive(1, Duration.ZERO).get(0))).isEqualTo("x");
      assertThat(connection.awaitReply(Duration.ofMillis(20))).isFalse();
      assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
    }
  }

  @Test
  void noticesThatTheServerHasClosedAnIdleConnection() {
    try (RedisConnection idle = open(Map.of());
        RedisConnection asking = open(Map.of());
        RedisConnection kept = open(Map.of())) {
      // given one of which nothing is asked, and one that waits for a reply
      Object id = idle.call(Command.of("CLIENT", "ID"));
      asking.send(List.of(Command.of("BLPOP", "nothing", "0")));

      // when
      kept.call(Command.of("CLIENT", "KILL", "ID", String.valueOf(id)));

      // then
      await().atMost(Duration.ofSeconds(30)).until(idle::isClosedByServer);
      assertThat(asking.isClosedByServer()).isFalse();
      assertThat(kept.isClosedByServer()).isFalse();
      kept.call(Command.of("LPUSH", "nothing", "v"));
      assertThat(asking.receive(1, Duration.ZERO)).hasSize(1);
    }
  }

  @Test
  void anIdleConnectionThatIsOpenStaysUsableAfterALookAtIt() {
    try (RedisConnection connection = open(Map.of())) {
      long opened = System.nanoTime();

      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  !connection.isClosedByServer()
                      && System.nanoTime() - opened > Duration.ofMillis(2_500).toNanos());

      assertThat(Replies.text(connection.call(Command.of("PING")))).isEqualTo("PONG");
    }
  }

  @Test
  void closesWithoutAWordWhenTheServerIsGoneAndSomethingIsLeftToSend() {
    try (RedisConnection connection = open(Map.of());
        RedisConnection killer = open(Map.of())) {
      // given
      Object id = connection.call(Command.of("CLIENT", "ID"));
      killer.call(Command.of("CLIENT", "KILL", "ID", String.valueOf(id)));
      List<Command> tooMuchForTheBuffer =
          Collections.nCopies(200, Command.of("SET", "k", "v".repeat(1_000)));

      // when the connection breaks in the middle of sending
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(
              () -> {
                while (true) {
                  connection.send(tooMuchForTheBuffer);
                }
              });

      // then
      assertThatNoException().isThrownBy(connection::close);
    }
  }

  @Test
  void isOutWhenItsConnectionIsKilled() {
    try (RedisConnection victim = open(Map.of());
        RedisConnection killer = open(Map.of())) {
      Object id = victim.call(Command.of("CLIENT", "ID"));
      killer.call(Command.of("CLIENT", "KILL", "ID", String.valueOf(id)));

      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> victim.call(Command.of("PING")))
          .withMessageContaining("127.0.0.1:" + server.port())
          .withMessageContaining("lost");
    }
  }

  @Test
  void waitsForAReplyAsLongAsItsPatienceAndTimeoutAllow() {
    try (RedisConnection connection = open(Map.of("redis.command.timeout.ms", "300"))) {
      connection.send(List.of(Command.of("XREAD", "BLOCK", 600, "STREAMS", "s", "$")));
      assertThat(connection.receive(1, Duration.ofSeconds(3))).containsOnlyNulls();

      connection.send(List.of(Command.of("XREAD", "BLOCK", 30_000, "STREAMS", "s", "$")));
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> connection.receive(1, Duration.ZERO));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', wrong, WRONGPASS",
    "reader, wrong, WRONGPASS",
    "nobody, s3cret, WRONGPASS",
  })
  void saysWhichSettingHoldsWrongCredentials(String user, String password, String code) {
    Map<String, String> properties = new HashMap<>(Map.of("redis.password", password));
    if (!user.isEmpty()) {
      properties.put("redis.username", user);
    }

    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> open(properties).close())
        .withMessageContaining(code)
        .withMessageContaining("redis.password")
        .withMessageNotContaining(password);
  }

  @Test
  void aUserWithoutPasswordIsNotTheDefaultUser() {
    Map<String, String> properties = Map.of("redis.uri", server.uri(), "redis.username", "reader");

    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(() -> RedisConnections.of(server.settings(properties)).open("k").close())
        .withMessageContaining("WRONGPASS");
  }

  @Test
  void asksForAPasswordWhenTheServerDoes() {
    assertThatExceptionOfType(RedisConfigurationException.class)
        .isThrownBy(
            () -> {
              try (RedisConnection connection = server.connect()) {
                connection.call(Command.of("PING"));
              }
            })
        .withMessageContaining("NOAUTH")
        .withMessageContaining("redis.password");
  }

  @Test
  void namesTheRightThatIsMissing() {
    Map<String, String> reader = Map.of("redis.username", "reader", "redis.password", "pass");
    try (RedisConnection connection = open(reader)) {
      assertThat(connection.call(Command.of("XLEN", "s"))).isEqualTo(0L);

      assertThatExceptionOfType(RedisConfigurationException.class)
          .isThrownBy(() -> connection.call(Command.of("XADD", "s", "*", "f", "personal")))
          .withMessageContaining("XADD s")
          .withMessageContaining("NOPERM")
          .withMessageContaining("redis.username")
          .withMessageNotContaining("personal");
    }
  }

  @Test
  void triesServersInOrderAndReportsWhatWasWrong() {
    String dead = "redis://127.0.0.1:1";
    try (RedisConnection connection = open(Map.of("redis.uri", dead + "," + server.uri()))) {
      assertThat(connection.address()).isEqualTo("127.0.0.1:" + server.port());
    }

    assertThatExceptionOfType(RedisOutageException.class)
        .isThrownBy(() -> open(Map.of("redis.uri", dead)).close())
        .withMessageContaining("127.0.0.1:1")
        .withMessageContaining("refused");
  }

  @Test
  void isOutWhileTheServerTakesNoMoreClients() {
    try (RedisConnection admin = open(Map.of())) {
      admin.call(Command.of("CONFIG", "SET", "maxclients", 1));
      try {
        assertThatExceptionOfType(RedisOutageException.class)
            .isThrownBy(
                () -> {
                  try (RedisConnection connection = open(Map.of())) {
                    connection.call(Command.of("PING"));
                  }
                });
      } finally {
        admin.call(Command.of("CONFIG", "SET", "maxclients", 100));
      }
    }
  }

  @Test
  void isOutWhenMemoryRunsOutBetweenQueueingAndExecuting() {
    try (RedisConnection connection = open(Map.of());
        RedisConnection admin = open(Map.of())) {
      connection.call(Command.of("MULTI"));
      connection.call(Command.of("XADD", "s", "*", "f", "v"));
      admin.call(Command.of("CONFIG", "SET", "maxmemory", 1));
      try {
        assertThatExceptionOfType(RedisOutageException.class)
            .isThrownBy(() -> connection.call(Command.of("EXEC")))
            .withMessageContaining("EXECABORT")
            .withMessageContaining("OOM");
      } finally {
        admin.call(Command.of("CONFIG", "SET", "maxmemory", 0));
      }
    }
  }

  private static RedisConnection open(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent("redis.password", "s3cret");
    return RedisConnections.of(server.settings(all)).open("k");
  }
}
