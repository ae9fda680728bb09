/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Parser of times as producers write them: ISO-8601 with an offset, such as {@code
 * 2024-08-20T10:30:00Z} or {@code 2024-08-20 12:30:00.250+0200}, or a number since 1970. Fractions
 * of a millisecond are truncated. The offset determines the instant; a zone in brackets after it is
 * ignored.
 *
 * <p>The unit of a number is derived from its size: seconds, possibly with a fraction, until the
 * year 5138; otherwise milliseconds since 1973, microseconds or nanoseconds. Times before 1973 in
 * milliseconds must be written as ISO-8601 instead.
 */
final class EventTime {
  private static final int DIGITS_OF_SECONDS = 11;
  private static final int DIGITS_OF_MILLIS = 14;
  private static final int DIGITS_OF_MICROS = 17;
  private static final int DIGITS_OF_NANOS = 19;
  private static final int LONGEST_FRACTION = 9;
  private static final long MILLIS_PER_SECOND = 1_000;
  private static final long MICROS_PER_MILLI = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;
  private static final int TIME_AT = "2024-08-20T".length();
  private static final Pattern SECONDS_WITH_FRACTION =
      Pattern.compile("-?[0-9]{1,11}\\.[0-9]{1,18}");
  private static final int FRACTION_AT = "2024-08-20T10:30:00".length();

  /** Accepts an offset in ISO-8601's basic format: +0200 or +02. */
  private static final DateTimeFormatter BASIC_OFFSET =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendOffset("+HHmm", "Z")
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT)
          .withChronology(IsoChronology.INSTANCE);

  private EventTime() {}

  static long millis(byte[] text) throws FieldException {
    try {
      boolean isNegative = text.length > 0 && text[0] == '-';
      int from = isNegative ? 1 : 0;
      int digits = text.length - from;
      if (digits > 0 && digits <= DIGITS_OF_NANOS && Digits.are(text, from, text.length)) {
        return millis(Digits.number(text, from, text.length, isNegative), digits);
      }
      return isUsual(text) ? usual(text) : general(EntryText.utf8(text));
    } catch (DateTimeException | ArithmeticException e) {
      throw new FieldException(
          "is not a time: expected ISO-8601 with an offset, such as 2024-08-20T10:30:00Z, or"
              + " seconds, milliseconds, microseconds or nanoseconds since 1970");
    }
  }

  /**
   * Parses a day, such as {@code 2024-08-20}, into days since 1970.
   *
   * @throws DateTimeException if it is not a day
   */
  static long epochDay(byte[] text) throws FieldException {
    return text.length == TIME_AT - 1 && isDay(text)
        ? day(text)
        : LocalDate.parse(EntryText.utf8(text)).toEpochDay();
  }

  private static long general(String text) {
    return SECONDS_WITH_FRACTION.matcher(text).matches()
        ? new BigDecimal(text).movePointRight(3).setScale(0, RoundingMode.FLOOR).longValue()
        : formatter(text).parse(withoutBlank(text), EventTime::instant).toEpochMilli();
  }

  private static DateTimeFormatter formatter(String text) {
    int zone = text.indexOf('[');
    String unzoned = zone < 0 ? text : text.substring(0, zone);
    int sign = Math.max(unzoned.lastIndexOf('+'), unzoned.lastIndexOf('-'));
    boolean isBasic = sign > TIME_AT && unzoned.indexOf(':', sign) < 0;
    return isBasic ? BASIC_OFFSET : DateTimeFormatter.ISO_DATE_TIME;
  }

  private static String withoutBlank(String text) {
    boolean isBlank = text.length() > TIME_AT && text.charAt(TIME_AT - 1) == ' ';
    return isBlank ? text.substring(0, TIME_AT - 1) + 'T' + text.substring(TIME_AT) : text;
  }

  private static long millis(long number, int digits) {
    if (digits <= DIGITS_OF_SECONDS) {
      return number * MILLIS_PER_SECOND;
    }
    if (digits <= DIGITS_OF_MILLIS) {
      return number;
    }
    return Math.floorDiv(number, digits <= DIGITS_OF_MICROS ? MICROS_PER_MILLI : NANOS_PER_MILLI);
  }

  private static Instant instant(java.time.temporal.TemporalAccessor parsed) {
    return OffsetDateTime.from(parsed).toInstant();
  }

  /**
   * Whether a text looks like {@code 2024-08-20T10:30:00Z}, possibly with a fraction. Nearly all
   * producers write this form, and the general formatter is much slower for it.
   */
  private static boolean isUsual(byte[] text) {
    int end = text.length - 1;
    if (end < FRACTION_AT || text[end] != 'Z') {
      return false;
    }
    boolean isFraction =
        end == FRACTION_AT
            || (text[FRACTION_AT] == '.'
                && end > FRACTION_AT + 1
                && end <= FRACTION_AT + 1 + LONGEST_FRACTION
                && Digits.are(text, FRACTION_AT + 1, end));
    return isFraction
        && isDay(text)
        && text[10] == 'T'
        && Digits.are(text, 11, 13)
        && text[13] == ':'
        && Digits.are(text, 14, 16)
        && text[16] == ':'
        && Digits.are(text, 17, FRACTION_AT);
  }

  /** Parses the usual form; throws the formatter's exceptions for an invalid date or time. */
  private static long usual(byte[] text) {
    int second =
        LocalTime.of(
                Digits.number(text, 11, 13),
                Digits.number(text, 14, 16),
                Digits.number(text, 17, FRACTION_AT))
            .toSecondOfDay();
    int millis = 0;
    for (int i = 1; i <= 3; i++) {
      int at = FRACTION_AT + i;
      millis = millis * 10 + (at < text.length - 1 ? text[at] - '0' : 0);
    }
    return (day(text) * SECONDS_PER_DAY + second) * MILLIS_PER_SECOND + millis;
  }

  /** Whether a text begins like {@code 2024-08-20}. */
  private static boolean isDay(byte[] text) {
    return Digits.are(text, 0, 4)
        && text[4] == '-'
        && Digits.are(text, 5, 7)
        && text[7] == '-'
        && Digits.are(text, 8, 10);
  }

  private static long day(byte[] text) {
    return LocalDate.of(
            Digits.number(text, 0, 4), Digits.number(text, 5, 7), Digits.number(text, 8, 10))
        .toEpochDay();
  }
}
