/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.server.RedisServer;
import io.claimstream.connect.sink.encode.WordBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs the same random calls with the script in a real server and with its Java version. */
@EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
class FakeAppendScriptTest {
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
    System.out.printf("append.lua, real and in memory: -Dtest.seed=%d%n", first);
    FakeRedis fake = new FakeRedis(Clock.systemUTC());
    FakeAppendScript.teach(fake, fields -> null);
    try (RedisConnection reals = real.connect();
        RedisConnection fakes = fake.open("s")) {
      for (int round = 0; round < (only == null ? ROUNDS : 1); round++) {
        long seed = first + round;
        Random random = new Random(seed);
        both(seed, reals, fakes, Command.of("FLUSHALL"));
        for (int i = 0; i < CALLS; i++) {
          both(seed, reals, fakes, command(random));
          both(seed, reals, fakes, Command.of("HGETALL", "p"));
          assertThat(entries(fakes)).as("seed %d", seed).isEqualTo(entries(reals));
        }
      }
    }
  }

  private static Command command(Random random) {
    String partition = "t-" + random.nextInt(2);
    return switch (random.nextInt(12)) {
      case 0 -> Command.of("HSET", "p", partition, any(random));
      case 1 -> Command.of("HDEL", "p", partition);
      case 2 -> random.nextInt(8) > 0 ? Command.of("PING") : Command.of("SET", "s", "text");
      case 3 -> random.nextInt(8) > 0 ? Command.of("PING") : Command.of("SET", "p", "text");
      case 4 -> Command.of("DEL", "s");
      default -> {
        Command eval = Command.of("EVAL", FakeAppendScript.source(), 2, "s", "p", partition);
        boolean isFirst = random.nextInt(4) == 0;
        eval.add(isFirst ? "" : any(random));
        int offset = random.nextInt(5);
        eval.add(offset + random.nextInt(3)).add(random.nextInt(8));
        int records = isFirst ? 0 : random.nextInt(6);
        StringJoiner offsets = new StringJoiner(" ");
        List<byte[]> packed = new ArrayList<>();
        for (int i = records; i > 0; i--) {
          offsets.add(String.valueOf(offset));
          WordBuffer words = new WordBuffer();
          for (int part = 2 * (1 + random.nextInt(2)); part > 0; part--) {
            words.add("x" + random.nextInt(1_000) + "y".repeat(90 * random.nextInt(2)));
          }
          packed.add(words.pack().packed());
          offset += 1 + random.nextInt(3);
        }
        yield eval.add(offsets).addAll(packed);
      }
    };
  }

  private static String any(Random random) {
    return STORED.get(random.nextInt(STORED.size()));
  }

  private static void both(long seed, RedisConnection real, RedisConnection fake, Command command) {
    assertThat(text(fake.pipeline(List.of(command)).get(0)))
        .as("seed %d: %s", seed, command.name())
        .isEqualTo(text(real.pipeline(List.of(command)).get(0)));
  }

  private static List<List<String>> entries(RedisConnection connection) {
    Object reply = connection.pipeline(List.of(Command.of("XRANGE", "s", "-", "+"))).get(0);
    List<List<String>> entries = new ArrayList<>();
    if (reply instanceof List<?>) {
      Replies.entries(reply)
          .forEach(
              entry -> {
                List<String> fields = new ArrayList<>();
                for (int i = 0; i < entry.size(); i++) {
                  fields.add(text(entry.name(i)) + "=" + text(entry.value(i)));
                }
                entries.add(fields);
              });
    }
    return entries;
  }

  private static String text(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      return list.stream().map(FakeAppendScriptTest::text).toList().toString();
    }
    if (reply instanceof ErrorReply error) {
      return error.text();
    }
    return reply instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(reply);
  }
}
