/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A JSON reader gets back what was written. */
class JsonTextTest {
  private static final ObjectMapper READER = new ObjectMapper();

  @Test
  void everyCharacterIsReadBack() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 97) {
      if (c > 0xffff || !Character.isSurrogate((char) c)) {
        all.appendCodePoint(c);
      }
    }

    assertThat(read(Map.of("k" + all, all.toString())))
        .isEqualTo(READER.createObjectNode().put("k" + all, all.toString()));
  }

  @Test
  void halvesOfSurrogatePairsAreEscaped() {
    assertThat(json(List.of("\ud83d", "a\ude00b", "\ud83d\ud83d\ude00")))
        .isEqualTo("[\"\\uD83D\",\"a\\uDE00b\",\"\\uD83D😀\"]");
  }

  @Test
  void controlCharactersHaveTheirShortEscapes() {
    assertThat(json(List.of("\b\t\n\f\r\"\\/\u0000\u001f\u007f")))
        .isEqualTo("[\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0000\\u001F\u007f\"]");
  }

  @Test
  void numbersWithoutAJsonFormAreText() {
    assertThat(json(List.of(Double.NaN, Float.NEGATIVE_INFINITY, 1.5f, -0.0, Long.MIN_VALUE)))
        .isEqualTo("[\"NaN\",\"-Infinity\",1.5,-0.0,-9223372036854775808]");
  }

  @Test
  void anyNestingIsReadBack() throws IOException {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("JsonTextTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Object> value = new ArrayList<>(List.of(random(random, 4)));

      assertThat(read(value)).as("seed %d", seed).isEqualTo(READER.valueToTree(value));
    }
  }

  private static Object random(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 4)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      case 2 -> random.nextBoolean();
      case 3 -> "é\"\n😀".substring(0, random.nextInt(4));
      case 4 -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put("m" + i, random(random, depth - 1));
        }
        yield map;
      }
      default -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(random.nextInt(5) == 0 ? null : random(random, depth - 1));
        }
        yield list;
      }
    };
  }

  private static JsonNode read(Object value) throws IOException {
    return READER.readTree(json(value));
  }

  private static String json(Object value) {
    return new String(new WordBuffer().addJson(null, value).pack().toList().get(0), UTF_8);
  }
}
