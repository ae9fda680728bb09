/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventTimeTest {

  @Test
  void theUsualFormMeansWhatTheFormatterMakesOfIt() {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("EventTimeTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);

    for (int i = 0; i < 200_000; i++) {
      // when
      String text = text(random);

      // then
      assertThat(read(text)).as(text).isEqualTo(byFormatter(text));
    }
  }

  /** Nearly always of the usual form; often there is no such day or time of day. */
  private static String text(Random random) {
    String text =
        String.format(
            Locale.ROOT,
            "%04d-%02d-%02dT%02d:%02d:%02d",
            random.nextInt(10_000),
            random.nextInt(14),
            random.nextInt(33),
            random.nextInt(26),
            random.nextInt(62),
            random.nextInt(62));
    if (random.nextBoolean()) {
      text += "." + "0123456789012".substring(random.nextInt(3), 3 + random.nextInt(10));
    }
    text += random.nextInt(8) == 0 ? "+02:00" : "Z";
    if (random.nextInt(8) == 0) {
      int at = random.nextInt(text.length());
      text = text.substring(0, at) + (char) (' ' + random.nextInt(95)) + text.substring(at + 1);
    }
    return text;
  }

  private static OptionalLong byFormatter(String text) {
    try {
      return OptionalLong.of(
          DateTimeFormatter.ISO_DATE_TIME
              .parse(text, OffsetDateTime::from)
              .toInstant()
              .toEpochMilli());
    } catch (DateTimeException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong read(String text) {
    try {
      return OptionalLong.of(EventTime.millis(text));
    } catch (FieldException e) {
      return OptionalLong.empty();
    }
  }

  @Test
  void digitsAreMillisecondsAndNothingElse() throws FieldException {
    assertThat(EventTime.millis("1724149800000")).isEqualTo(1_724_149_800_000L);
    assertThat(EventTime.millis("-1")).isEqualTo(-1);
    for (String none : new String[] {"", "-", "1234567890123456789", "\u0661", "+1", "1 "}) {
      assertThat(catchThrowable(() -> EventTime.millis(none)))
          .as(none)
          .isInstanceOf(FieldException.class);
    }
  }
}
