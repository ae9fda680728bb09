/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Nearly always of the usual form; often not a valid date or time. */
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
      boolean isBlank = text.length() > 10 && text.charAt(10) == ' ';
      return OptionalLong.of(
          DateTimeFormatter.ISO_DATE_TIME
              .parse(
                  isBlank ? text.substring(0, 10) + 'T' + text.substring(11) : text,
                  OffsetDateTime::from)
              .toInstant()
              .toEpochMilli());
    } catch (DateTimeException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong read(String text) {
    try {
      return OptionalLong.of(EventTime.millis(text.getBytes(UTF_8)));
    } catch (FieldException e) {
      return OptionalLong.empty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-08-20T10:30:00.250Z",
        "2024-08-20t10:30:00.250z",
        "2024-08-20 10:30:00.250Z",
        "2024-08-20T10:30:00.250999Z",
        "2024-08-20T10:30:00.250999999Z",
        "2024-08-20T12:30:00.25+02:00",
        "2024-08-20T12:30:00.25+0200",
        "2024-08-20T12:30:00.25+02",
        "2024-08-20T10:30:00.25+00:00",
        "2024-08-20T10:30:00.25+0000",
        "2024-08-20T10:30:00.25+00",
        "2024-08-20T10:30:00.25-00:00",
        "2024-08-20T05:00:00.25-05:30",
        "2024-08-20T05:00:00.25-0530",
        "2024-08-20 12:30:00.25+02:00",
        "2024-08-20 12:30:00.25+0200",
        "2024-08-20 10:30:00.250999+00",
        "2024-08-20T12:30:00.25+02:00[Europe/Berlin]",
        "2024-08-20T12:30:00.25+02:00[Asia/Tokyo]",
        "2024-08-20T13:30:00.25+03:00[Etc/GMT-3]",
        "2024-08-20T06:30:00.25-04:00[America/Port-au-Prince]",
        "1724149800.25",
        "1724149800.250999",
        "1724149800.250999999",
        "1724149800250",
        "1724149800250999",
        "1724149800250999999",
      })
  void allTheWaysInWhichProducersWriteAnInstantMeanIt(String text) throws FieldException {
    assertThat(EventTime.millis(text.getBytes(UTF_8))).isEqualTo(1_724_149_800_250L);
  }

  @ParameterizedTest
  @CsvSource({
    "1724149800, 1724149800000",
    "99999999999, 99999999999000",
    "100000000000, 100000000000",
    "0, 0",
    "-1, -1000",
    "-1.5, -1500",
    "-100000000000, -100000000000",
    "2024-08-20T10:30Z, 1724149800000",
    "2024-08-20T10:30:00Z, 1724149800000",
  })
  void theUnitOfANumberFollowsFromItsSize(String text, long millis) throws FieldException {
    assertThat(EventTime.millis(text.getBytes(UTF_8))).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "12345678901234567890",
        "9999999999999999999",
        "\u0661",
        "+1",
        "1 ",
        "1.",
        ".5",
        "1e9",
        "2024-08-20",
        "2024-08-20T10:30:00",
        "2024-08-20 10:30:00",
        "2024-08-2010:30:00Z",
        "2024-08-20T 10:30:00Z",
        "20.08.2024 10:30",
        "Tue, 20 Aug 2024 10:30:00 GMT",
        "2024-08-20T10:30:00Europe/Berlin",
      })
  void whatSaysNoInstantIsNoTime(String text) {
    assertThat(catchThrowable(() -> EventTime.millis(text.getBytes(UTF_8))))
        .isInstanceOf(FieldException.class);
  }
}
