/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.Date;
import java.util.UUID;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** Text of every value that is neither a container nor bytes; times are ISO-8601 in UTC. */
public final class ScalarText {

  private static final Duration DAY = Duration.ofDays(1);

  private ScalarText() {}

  /**
   * Returns the text of a value.
   *
   * @param schema distinguishes a date or a time of day from a timestamp; null for schemaless
   *     values
   * @return null if the value is no scalar
   * @throws DataException if it is a number of too many digits
   */
  public static @Nullable String of(@Nullable Schema schema, Object value) {
    // the usual types first: to find that a value is of no other type takes longer than the rest
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Long || value instanceof Integer) {
      return value.toString();
    }
    if (value instanceof BigDecimal decimal) {
      EntryLimits.checkDigits(decimal);
      return decimal.toPlainString();
    }
    if (value instanceof BigInteger integer) {
      EntryLimits.checkDigits(integer);
    }
    if (value instanceof Date date) {
      return ofDate(schema, date);
    }
    if (value instanceof Double || value instanceof Float) {
      return plain(value.toString());
    }
    return value instanceof Number
            || value instanceof Boolean
            || value instanceof Temporal
            || value instanceof UUID
        ? value.toString()
        : null;
  }

  /**
   * Returns the text of a map's key, which becomes a name in Redis or JSON.
   *
   * @param map the map's schema, or null
   * @throws DataException if the key is null, bytes or a container
   */
  static String ofKey(@Nullable Schema map, @Nullable Object key) {
    Schema keys = map != null && map.type() == Schema.Type.MAP ? map.keySchema() : null;
    String text = key == null ? null : of(keys, key);
    if (text == null) {
      throw new DataException(
          "has a map key that cannot be a name: "
              + (key == null ? "null" : "a " + key.getClass().getName()));
    }
    return text;
  }

  /** Removes the exponent, which many readers do not parse as part of a number. */
  private static String plain(String number) {
    return number.indexOf('E') < 0
        ? number
        : new BigDecimal(number).stripTrailingZeros().toPlainString();
  }

  /** Formats a {@link Date}, which is Connect's type for all three logical types of time. */
  private static String ofDate(@Nullable Schema schema, Date date) {
    String logicalType = schema == null ? null : schema.name();
    if (org.apache.kafka.connect.data.Date.LOGICAL_NAME.equals(logicalType)) {
      return LocalDate.ofEpochDay(Math.floorDiv(date.getTime(), DAY.toMillis())).toString();
    }
    if (Time.LOGICAL_NAME.equals(logicalType)) {
      // unlike toString, it never omits the seconds
      return DateTimeFormatter.ISO_LOCAL_TIME.format(
          LocalTime.ofInstant(date.toInstant(), ZoneOffset.UTC));
    }
    return timestamp(date.getTime());
  }

  /** Returns what {@link Instant#toString} does, several times as fast. */
  static String timestamp(long millis) {
    int ofDay = (int) Math.floorMod(millis, DAY.toMillis());
    StringBuilder text =
        new StringBuilder(24)
            .append(LocalDate.ofEpochDay(Math.floorDiv(millis, DAY.toMillis())))
            .append('T');
    int seconds = ofDay / 1_000;
    digits(text, seconds / 3_600, 10).append(':');
    digits(text, seconds / 60 % 60, 10).append(':');
    digits(text, seconds % 60, 10);
    if (ofDay % 1_000 != 0) {
      digits(text.append('.'), ofDay % 1_000, 100);
    }
    return text.append('Z').toString();
  }

  /** Adds a number from the digit of that place on. */
  private static StringBuilder digits(StringBuilder text, int number, int highest) {
    for (int place = highest; place > 0; place /= 10) {
      text.append((char) ('0' + number / place % 10));
    }
    return text;
  }
}
