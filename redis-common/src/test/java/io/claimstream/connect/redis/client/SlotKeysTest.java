/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotKeysTest {
  private static final List<String> PARTS =
      List.of("a", "b", ":", "{", "}", "%", "{a}", "{b}", "3A", "%3A", "%7B", "%7D", "%25");

  /** By Redis' definition: the first braces count, unless they are empty. */
  private static final Pattern HASH_TAG = Pattern.compile("\\A[^{]*\\{[^}]+}");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "claims:events",
        "claims:{eu}:events",
        "{eu}claims",
        "claims{events",
        "}claims{eu}",
        "{a}{b}",
        "schäden"
      })
  void keepsASiblingInTheSlotOfItsKey(String key) {
    String sibling = SlotKeys.sibling(key, "offsets", "connector-0");

    assertThat(SlotKeys.together(key, sibling)).as(sibling).isTrue();
    assertThat(sibling).isNotEqualTo(key).startsWith("claimstream:v1:offsets:");
  }

  /** Keys must stay the same, so that every later release finds the data. */
  @ParameterizedTest
  @CsvSource({
    "claims:analytics, claimstream:v1:offsets:{claims:analytics}:sink",
    "claims{events, claimstream:v1:offsets:{claims{events}:sink",
    "{claims}, claimstream:v1:offsets:{claims}:%7Bclaims%7D:sink",
    "claims:{eu}:events, claimstream:v1:offsets:{eu}:claims%3A%7Beu%7D%3Aevents:sink",
    "50%{eu}, claimstream:v1:offsets:{eu}:50%25%7Beu%7D:sink"
  })
  void keepsTheFormatOfTheFirstRelease(String stream, String sibling) {
    assertThat(SlotKeys.sibling(stream, "offsets", "sink")).isEqualTo(sibling);
  }

  @Test
  void separatesNamesByColonsOfTheirOwn() {
    assertThat(SlotKeys.sibling("claims:events", "owner", "claims-processors", "claims-0"))
        .isEqualTo("claimstream:v1:owner:{claims:events}:claims-processors:claims-0");
    assertThat(SlotKeys.sibling("k", "owner", "a:b", "{c}%"))
        .isEqualTo("claimstream:v1:owner:{k}:a%3Ab:%7Bc%7D%25");
    assertThat(SlotKeys.sibling("k", "owner", "g", "")).isEqualTo("claimstream:v1:owner:{k}:g:");
  }

  @Test
  void distinguishesPurposesNamesAndKeys() {
    assertThat(SlotKeys.sibling("{t}:a", "offsets", "b:x"))
        .isNotEqualTo(SlotKeys.sibling("{t}:a:b", "offsets", "x"))
        .isNotEqualTo(SlotKeys.sibling("{t}:a", "fence", "b:x"));
    assertThat(SlotKeys.sibling("claims", "offsets", "x"))
        .isNotEqualTo(SlotKeys.sibling("{claims}", "offsets", "x"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void givesNoTwoStreamsAndNamesTheSameKey(int names) {
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, List<String>> owners = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      // given names short enough to meet often, and what encoding makes of some
      List<String> owner =
          Stream.generate(() -> name(random)).limit(names + 1).collect(Collectors.toList());
      String stream = owner.get(0);

      // when
      String sibling =
          SlotKeys.sibling(stream, "offsets", owner.subList(1, names + 1).toArray(String[]::new));

      // then
      assertThat(owners.merge(sibling, owner, (first, second) -> first))
          .as("seed %d, key %s", seed, sibling)
          .isEqualTo(owner);
      if (HASH_TAG.matcher(stream).find() || stream.indexOf('}') < 0) {
        assertThat(SlotKeys.together(stream, sibling))
            .as("seed %d, stream %s, key %s", seed, stream, sibling)
            .isTrue();
      }
    }
  }

  private static String name(Random random) {
    int parts = 1 + random.nextInt(5);
    return random.ints(parts, 0, PARTS.size()).mapToObj(PARTS::get).collect(Collectors.joining());
  }

  @Test
  void knowsWhichKeysShareASlot() {
    assertThat(SlotKeys.together("claims:{eu}:events", "claims:{eu}:failed")).isTrue();
    assertThat(SlotKeys.together("claims:events", "claims:failed")).isFalse();
  }
}
