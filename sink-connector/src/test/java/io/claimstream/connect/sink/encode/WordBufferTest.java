/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordBufferTest {

  @Test
  void aWordIsAMessagePackStringWithALengthOfOneOrOfFourBytes() {
    WordBuffer words = new WordBuffer();

    byte[] packed = words.add("né").add("x".repeat(256)).pack().packed();

    assertThat(packed).hasSize(2 + 3 + 5 + 256);
    assertThat(packed)
        .startsWith(0xd9, 3, 'n', 0xc3, 0xa9, 0xdb, 0, 0, 1, 0, 'x')
        .endsWith('x', 'x');
  }

  @Test
  void wordsOfEveryKindAndLengthAreKept() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("WordBufferTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    WordBuffer words = new WordBuffer();
    for (int round = 0; round < 500; round++) {
      List<byte[]> expected = new ArrayList<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        String character = List.of("a", "é", "漢", "😀").get(random.nextInt(4));
        String text = character.repeat(random.nextInt(random.nextInt(10) == 0 ? 100_000 : 100));
        byte[] word = text.getBytes(UTF_8);
        switch (random.nextInt(4)) {
          case 0 -> words.add(word);
          case 1 -> words.addName(text);
          case 2 -> {
            words.addJson(null, List.of(text));
            word = ("[\"" + text + "\"]").getBytes(UTF_8);
          }
          default -> words.add(text);
        }
        expected.add(word);
      }

      PackedWords packed = words.pack();

      assertThat(packed.size()).as("seed %d", seed).isEqualTo(expected.size());
      assertThat(packed.toList().toArray()).as("seed %d", seed).isEqualTo(expected.toArray());
    }
  }

  @Test
  void whatWasBegunAndNotPackedIsForgotten() {
    WordBuffer words = new WordBuffer().add("a").add("b");

    assertThat(words.clear().add("c").pack().toList()).hasSize(1);
    assertThat(words.pack().size()).isZero();
  }
}
