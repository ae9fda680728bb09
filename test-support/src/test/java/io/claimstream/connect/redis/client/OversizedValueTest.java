/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.server.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A value above {@code proto-max-bulk-len}: Redis replies with a protocol error as soon as it reads
 * the value's length, and closes the connection while the client is still sending the value.
 */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class OversizedValueTest {
  private static final int LIMIT = 1 << 20;
  private static final String APPEND = "return redis.call('XADD', KEYS[1], '*', 'f', ARGV[1])";

  private static RedisServer server;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start("--proto-max-bulk-len", String.valueOf(LIMIT));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void flush() {
    try (RedisConnection connection = server.connect()) {
      connection.call(Command.of("FLUSHALL"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "XADD, 1048577", "XADD, 3000000", "XADD, 33554432",
    "EVAL, 1048577", "EVAL, 3000000", "EVAL, 33554432"
  })
  void theCommandWithTheValueIsDistinguishedFromThoseAroundIt(String how, int size) {
    try (RedisConnection connection = server.connect()) {
      connection.send(
          List.of(
              append(how, "a"), append(how, "x".repeat(size)), append(how, "c"), append(how, "d")));

      assertRefused(connection.receive(4, Duration.ZERO));
    }
    try (RedisConnection connection = server.connect()) {
      assertThat(connection.call(Command.of("XLEN", "s"))).isEqualTo(1L);
    }
  }

  @Test
  void repliesMayBeReceivedOneByOne() {
    try (RedisConnection connection = server.connect()) {
      connection.send(
          List.of(append("XADD", "a"), append("XADD", "x".repeat(3_000_000)), append("XADD", "c")));

      assertThat(connection.awaitReply(Duration.ofSeconds(10))).isTrue();
      assertThat(connection.receive(1, Duration.ZERO).get(0)).isInstanceOf(byte[].class);
      assertThat(kindOf(connection.receive(1, Duration.ZERO).get(0)))
          .isEqualTo(RedisErrorKind.RECORD);
      assertThat(connection.awaitReply(Duration.ofSeconds(10))).isTrue();
      assertThat(kindOf(connection.receive(1, Duration.ZERO).get(0)))
          .isEqualTo(RedisErrorKind.OUTAGE);
    }
  }

  @RepeatedTest(20)
  void aSingleCommandIsNamedAsWellHoweverMuchOfItWasSent() {
    try (RedisConnection connection = server.connect()) {
      connection.send(List.of(append("XADD", "x".repeat(LIMIT + 1))));

      assertThat(kindOf(connection.receive(1, Duration.ZERO).get(0)))
          .isEqualTo(RedisErrorKind.RECORD);
      // and the connection cannot be used any more
      assertThatExceptionOfType(RedisOutageException.class)
          .isThrownBy(() -> connection.call(Command.of("PING")));
    }
  }

  @Test
  void aValueOfJustThatSizeIsAppended() {
    try (RedisConnection connection = server.connect()) {
      assertThat(connection.call(append("XADD", "x".repeat(LIMIT)))).isInstanceOf(byte[].class);
      assertThat(connection.call(append("EVAL", "x".repeat(LIMIT)))).isInstanceOf(byte[].class);
    }
  }

  private static Command append(String how, String value) {
    return how.equals("XADD")
        ? Command.of("XADD", "s", "*", "f", value)
        : Command.of("EVAL", APPEND, 1, "s", value);
  }

  private static void assertRefused(List<@Nullable Object> replies) {
    assertThat(replies.get(0)).isInstanceOf(byte[].class);
    assertThat(replies.get(1))
        .isInstanceOfSatisfying(
            ErrorReply.class,
            error -> assertThat(error.text()).isEqualTo("ERR Protocol error: invalid bulk length"));
    assertThat(kindOf(replies.get(1))).isEqualTo(RedisErrorKind.RECORD);
    assertThat(kindOf(replies.get(2))).isEqualTo(RedisErrorKind.OUTAGE);
    assertThat(kindOf(replies.get(3))).isEqualTo(RedisErrorKind.OUTAGE);
  }

  private static RedisErrorKind kindOf(@Nullable Object reply) {
    assertThat(reply).isInstanceOf(ErrorReply.class);
    return RedisErrors.kindOf(((ErrorReply) Objects.requireNonNull(reply)).text());
  }
}
