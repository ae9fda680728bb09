/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * Times as producers write them: ISO-8601 with an offset, such as {@code 2024-08-20T10:30:00Z} or
 * {@code 2024-08-20T12:30:00.250+02:00}, or milliseconds since the epoch. Finer fractions are cut.
 * The offset decides; a zone in brackets after it says nothing more.
 */
final class EventTime {
  private static final Pattern MILLIS = Pattern.compile("-?[0-9]{1,18}");

  private EventTime() {}

  static long millis(String text) throws FieldException {
    try {
      return MILLIS.matcher(text).matches()
          ? Long.parseLong(text)
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
}
