/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.server.RedisServer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamPatternTest {
  private static final String SYMBOLS = "ab:*?[]^-\\";
  private static final int PATTERNS = 2_000;

  @ParameterizedTest
  @CsvSource({
    "claims:events:*, claims:events:eu, true",
    "claims:events:*, claims:events:, true",
    "claims:events:*, claims:events, false",
    "claims:*, claims:failed, true",
    "claims:?, claims:a, true",
    "claims:?, claims:ab, false",
    "claims:[ab], claims:b, true",
    "claims:[^ab], claims:b, false",
    "claims:[0-9], claims:7, true",
    "claims:[9-0], claims:7, true",
    "claims:[0-9], claims:x, false",
    "claims:[b-]:], claims:a, true",
    "claims:[\\a-c], claims:b, false",
    "claims:[a-\\z], claims:z, true",
    "claims.*, claims:x, false",
    "claims:\\*, claims:*, true",
    "claims:\\*, claims:x, false",
    "{claims}:*, {claims}:eu, true",
  })
  void matchesAsRedisDoes(String pattern, String name, boolean matches) {
    assertThat(StreamPattern.parse(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void aPatternThatIsAMistakeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StreamPattern.parse("a:*,b:*"))
        .withMessageContaining("comma");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StreamPattern.parse("claims:[ab"))
        .withMessageContaining("'['");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StreamPattern.parse("claimstream:v1:*"))
        .withMessageContaining("own");
  }

  @Test
  @EnabledIf("io.claimstream.connect.redis.server.RedisServer#isAvailable")
  void randomPatternsMatchWhatRedisSaysTheyDo() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    int matched = 0;
    try (RedisServer server = RedisServer.start();
        RedisConnection redis = server.connect()) {
      for (int i = 0; i < PATTERNS; i++) {
        String text = random(random, SYMBOLS);
        StreamPattern pattern;
        try {
          pattern = StreamPattern.parse(text);
        } catch (IllegalArgumentException e) {
          continue; // Redis takes a bracket that is not closed
        }
        String name = random(random, "ab:-^");
        redis.call(Command.of("SET", name, "v"));
        List<Object> reply =
            Replies.list(redis.call(Command.of("SCAN", 0, "MATCH", text, "COUNT", 1_000))).stream()
                .toList();
        boolean found = !Replies.list(reply.get(1)).isEmpty();
        redis.call(Command.of("DEL", name));
        matched += found ? 1 : 0;
        assertThat(pattern.matches(name))
            .as("pattern %s, name %s, test.seed=%d", text, name, seed)
            .isEqualTo(found);
      }
    }
    System.out.printf("patterns: %d matched, test.seed=%d%n", matched, seed);
    assertThat(matched).isPositive();
  }

  private static String random(Random random, String symbols) {
    StringBuilder text = new StringBuilder();
    int length = 1 + random.nextInt(5);
    for (int i = 0; i < length; i++) {
      text.append(symbols.charAt(random.nextInt(symbols.length())));
    }
    return text.toString();
  }
}
