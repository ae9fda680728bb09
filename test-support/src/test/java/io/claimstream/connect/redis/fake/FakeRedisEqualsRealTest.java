/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.server.RedisServer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sends the same random commands to the fake and to a real server and compares the replies. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class FakeRedisEqualsRealTest {
  private static final int COMMANDS = 1_000;
  private static final int CLIENTS = 2;

  private static RedisServer real;

  @BeforeAll
  static void startServer() {
    real = RedisServer.start();
  }

  @AfterAll
  static void stopServer() {
    real.close();
  }

  static LongStream seeds() {
    String seed = System.getProperty("test.seed", "");
    return seed.isEmpty() ? LongStream.rangeClosed(1, 20) : LongStream.of(Long.parseLong(seed));
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void repliesAsARealServerDoes(long seed) {
    FakeRedis fake = new FakeRedis(Clock.systemUTC());
    RandomCommands commands = new RandomCommands(seed);
    Random random = new Random(seed);
    List<RedisConnection> fakes = new ArrayList<>();
    List<RedisConnection> reals = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        fakes.add(fake.open("s"));
        reals.add(real.connect());
      }
      reals.get(0).call(Command.of("FLUSHALL"));
      List<String> history = new ArrayList<>();
      for (int i = 0; i < COMMANDS; i++) {
        int client = random.nextInt(CLIENTS);
        Command command = commands.next();
        history.add(client + "> " + Rendering.command(command));
        assertThat(answer(fakes.get(client), command))
            .as(() -> String.join("\n", history))
            .isEqualTo(answer(reals.get(client), command));
      }
    } finally {
      fakes.forEach(RedisConnection::close);
      reals.forEach(RedisConnection::close);
    }
  }

  /** Renders the reply with idle times in units that are longer than the test. */
  private static String answer(RedisConnection connection, Command command) {
    return Rendering.reply(Idle.rounded(connection.pipeline(List.of(command)).get(0)))
        .replaceAll("radix-tree-(keys|nodes) #\\d+", "radix-tree-$1 #");
  }
}
