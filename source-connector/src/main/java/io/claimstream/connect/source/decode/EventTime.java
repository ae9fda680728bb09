/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Times as producers write them: ISO-8601 with an offset, such as {@code 2024-08-20T10:30:00Z} or
 * {@code 2024-08-20T12:30:00.250+02:00}, or milliseconds since the epoch. Finer fractions are cut.
 * The offset decides; a zone in brackets after it says nothing more.
 */
final class EventTime {
  private static final int MOST_DIGITS = 18;
  private static final int LONGEST_FRACTION = 9;
  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final int FRACTION_AT = "2024-08-20T10:30:00".length();

  private EventTime() {}

  static long millis(String text) throws FieldException {
    try {
      if (isMillis(text)) {
        return Long.parseLong(text);
      }
      return isUsual(text)
          ? usual(text)
          : DateTimeFormatter.ISO_DATE_TIME.parse(text, EventTime::instant).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new FieldException(
          "is no time: expected ISO-8601 with an offset, such as 2024-08-20T10:30:00Z, or"
              + " milliseconds since 1970");
    }
  }

  private static Instant instant(java.time.temporal.TemporalAccessor parsed) {
    return OffsetDateTime.from(parsed).toInstant();
  }

  private static boolean isMillis(String text) {
    int digitsAt = text.startsWith("-") ? 1 : 0;
    int digits = text.length() - digitsAt;
    return digits > 0 && digits <= MOST_DIGITS && Digits.are(text, digitsAt, text.length());
  }

  /**
   * Whether it looks like {@code 2024-08-20T10:30:00Z}, perhaps with a fraction: what nearly all
   * producers write, and what the formatter, which knows so much more, takes much longer for.
   */
  private static boolean isUsual(String text) {
    int end = text.length() - 1;
    if (end < FRACTION_AT || text.charAt(end) != 'Z') {
      return false;
    }
    boolean isFraction =
        end == FRACTION_AT
            || (text.charAt(FRACTION_AT) == '.'
                && end > FRACTION_AT + 1
                && end <= FRACTION_AT + 1 + LONGEST_FRACTION
                && Digits.are(text, FRACTION_AT + 1, end));
    return isFraction
        && Digits.are(text, 0, 4)
        && text.charAt(4) == '-'
        && Digits.are(text, 5, 7)
        && text.charAt(7) == '-'
        && Digits.are(text, 8, 10)
        && text.charAt(10) == 'T'
        && Digits.are(text, 11, 13)
        && text.charAt(13) == ':'
        && Digits.are(text, 14, 16)
        && text.charAt(16) == ':'
        && Digits.are(text, 17, FRACTION_AT);
  }

  /** Throws what the formatter would for a day or an hour that is none. */
  private static long usual(String text) {
    long day =
        LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
    LocalTime time = LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, 19));
    long seconds = day * SECONDS_PER_DAY + time.toSecondOfDay();
    int millis = 0;
    for (int i = 1; i <= 3; i++) {
      int at = FRACTION_AT + i;
      millis = millis * 10 + (at < text.length() - 1 ? text.charAt(at) - '0' : 0);
    }
    return seconds * MILLIS_PER_SECOND + millis;
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }
}
