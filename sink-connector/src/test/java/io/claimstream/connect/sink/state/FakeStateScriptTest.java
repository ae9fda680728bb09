/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.server.RedisServer;
import io.claimstream.connect.sink.encode.WordBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs the same random calls with the script in a real server and with its Java version. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class FakeStateScriptTest {
  private static final int ROUNDS = 300;
  private static final int CALLS = 20;
  private static final List<String> STORED = List.of("3 7", "5 -1", "-1 -1", "twelve", "1 2 3");

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
    System.out.printf("state.lua, real and in memory: -Dtest.seed=%d%n", first);
    FakeRedis fake = new FakeRedis(Clock.systemUTC());
    FakeStateScript.teach(fake, parts -> null);
    try (RedisConnection reals = real.connect();
        RedisConnection fakes = fake.open("k0")) {
      for (int round = 0; round < (only == null ? ROUNDS : 1); round++) {
        long seed = first + round;
        Random random = new Random(seed);
        both(seed, reals, fakes, Command.of("FLUSHALL"));
        for (int i = 0; i < CALLS; i++) {
          both(seed, reals, fakes, command(random));
          for (String key : List.of("p", "k0", "k1", "k2")) {
            both(seed, reals, fakes, Command.of("TYPE", key));
            both(seed, reals, fakes, Command.of("GET", key));
            both(seed, reals, fakes, Command.of("HMGET", key, "a", "b", "c", "t-0", "t-1"));
          }
        }
      }
    }
  }

  private static Command command(Random random) {
    String partition = "t-" + random.nextInt(2);
    return switch (random.nextInt(12)) {
      case 0 -> Command.of("HSET", "p", partition, any(random));
      case 1 -> Command.of("HDEL", "p", partition);
      case 2 -> random.nextInt(8) > 0 ? Command.of("PING") : Command.of("SET", "p", "text");
      case 3 -> Command.of("DEL", key(random));
      default -> {
        boolean isFirst = random.nextInt(4) == 0;
        int records = isFirst ? 0 : random.nextInt(6);
        Command eval = Command.of("EVAL", StateScript.SCRIPT.text(), records + 1);
        List<String> keys = Stream.generate(() -> key(random)).limit(records).toList();
        eval.addAll(keys);
        eval.add("p").add(partition).add(isFirst ? "" : any(random));
        int offset = random.nextInt(5);
        eval.add(offset + random.nextInt(3)).add(random.nextInt(8));
        StringJoiner offsets = new StringJoiner(" ");
        List<Object> states = new ArrayList<>();
        for (String key : keys) {
          offsets.add(String.valueOf(offset));
          List<byte[]> commands = commands(random, key);
          states.add(commands.size());
          states.addAll(commands);
          offset += 1 + random.nextInt(3);
        }
        yield eval.add(offsets).addAll(states);
      }
    };
  }

  private static List<byte[]> commands(Random random, String key) {
    byte[] delete = packed("DEL", key);
    return switch (random.nextInt(8)) {
      case 0 -> List.of(delete);
      case 1 -> List.of(packed("SET", key, "text" + random.nextInt(100)));
      case 2 -> List.of(packed("HSET", key, "a", "no DEL")); // fails if the key is a string
      case 3 ->
          List.of(delete, packed("SET", key, "a"), packed("HSET", key, "a", "b")); // fails half-way
      default -> List.of(delete, packed("HSET", key, "a", "x" + random.nextInt(100), "b", "y"));
    };
  }

  private static byte[] packed(String... command) {
    WordBuffer words = new WordBuffer();
    Stream.of(command).forEach(words::add);
    return words.pack().packed();
  }

  private static String key(Random random) {
    return "k" + random.nextInt(3);
  }

  private static String any(Random random) {
    return STORED.get(random.nextInt(STORED.size()));
  }

  private static void both(long seed, RedisConnection real, RedisConnection fake, Command command) {
    assertThat(text(fake.pipeline(List.of(command)).get(0)))
        .as("seed %d: %s", seed, command.name())
        .isEqualTo(text(real.pipeline(List.of(command)).get(0)));
  }

  private static String text(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      return list.stream().map(FakeStateScriptTest::text).toList().toString();
    }
    if (reply instanceof ErrorReply error) {
      // Redis adds where a script failed
      return error.text().replaceAll(" script: .*", "");
    }
    return reply instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(reply);
  }
}
