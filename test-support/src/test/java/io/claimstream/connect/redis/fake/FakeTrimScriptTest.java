/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.server.RedisServer;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** {@code trim.lua} on a real server does what its Java copy does in memory. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class FakeTrimScriptTest {
  private static final int ROUNDS = 10;
  private static final int STEPS = 300;
  private static final List<String> GROUPS = List.of("a", "b", "c");

  private static RedisServer real;

  @BeforeAll
  static void startServer() {
    real = RedisServer.start();
  }

  @AfterAll
  static void stopServer() {
    real.close();
  }

  @Test
  void doesWhatTheScriptDoes() {
    Long only = Long.getLong("test.seed");
    long first = only == null ? System.nanoTime() : only;
    System.out.printf("trim.lua, real and in memory: -Dtest.seed=%d%n", first);
    FakeRedis fake = new FakeRedis(Clock.systemUTC());
    try (RedisConnection reals = real.connect();
        RedisConnection fakes = fake.open("s")) {
      for (int round = 0; round < (only == null ? ROUNDS : 1); round++) {
        new Run(first + round, reals, fakes).go();
      }
    }
  }

  private static final class Run {
    private final long seed;
    private final Random random;
    private final RedisConnection real;
    private final RedisConnection fake;
    private int added;

    Run(long seed, RedisConnection real, RedisConnection fake) {
      this.seed = seed;
      this.random = new Random(seed);
      this.real = real;
      this.fake = fake;
    }

    void go() {
      both("FLUSHALL");
      for (int i = 0; i < STEPS; i++) {
        step();
        both("XRANGE", "s", "-", "+");
      }
    }

    private void step() {
      String group = GROUPS.get(random.nextInt(GROUPS.size()));
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          for (int i = random.nextInt(120); i > 0; i--) {
            added++;
            both("XADD", "s", added + "-" + random.nextInt(3), "n", added);
          }
        }
        case 2 -> both("XGROUP", "CREATE", "s", group, random.nextBoolean() ? "0" : "$");
        case 3 -> {
          if (random.nextInt(5) == 0) {
            both("XGROUP", "DESTROY", "s", group);
          }
        }
        case 4 ->
            both(
                "XREADGROUP",
                "GROUP",
                group,
                "x",
                "COUNT",
                1 + random.nextInt(150),
                "STREAMS",
                "s",
                ">");
        case 5 -> {
          Command acknowledgement = Command.of("XACK", "s", group);
          int from = random.nextInt(added + 1);
          for (int i = from; i < from + 150; i++) {
            acknowledgement.add(i + "-0").add(i + "-1").add(i + "-2");
          }
          both(acknowledgement);
        }
        default -> trim(group);
      }
    }

    private void trim(String group) {
      boolean isAcknowledged = random.nextInt(8) > 0;
      Command trim =
          Command.of("EVAL", FakeTrimScript.source(), 1, "s")
              .add(random.nextBoolean() ? -1 : 1 + random.nextInt(300))
              .add(random.nextBoolean() ? "0-0" : random.nextInt(added + 1) + "-0")
              .add(random.nextBoolean() ? "0-0" : random.nextInt(added + 1) + "-0")
              .add(isAcknowledged ? "acknowledged" : "any");
      both(isAcknowledged && random.nextBoolean() ? trim.add(group) : trim);
    }

    private void both(String name, Object... arguments) {
      both(Command.of(name, arguments));
    }

    private void both(Command command) {
      assertThat(reply(fake, command))
          .as("seed %d: %s", seed, Rendering.command(command))
          .isEqualTo(reply(real, command));
    }

    private static String reply(RedisConnection connection, Command command) {
      return Rendering.reply(connection.pipeline(List.of(command)).get(0));
    }
  }
}
