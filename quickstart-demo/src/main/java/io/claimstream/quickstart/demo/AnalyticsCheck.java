/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the analytics in Redis with the totals of the produced events. The latest row of each
 * type and window counts. Safe for use by several threads.
 */
final class AnalyticsCheck {
  private final Map<FigureKey, Row> latest = new HashMap<>();
  private long rows;

  /**
   * One row of the analytics stream.
   *
   * @param windowEnd first instant after the window
   * @param count the number of events
   * @param amountTotal sum of their amounts
   * @param amountMean total divided by count
   * @param failures the number of failed events
   */
  record Row(
      Instant windowEnd, long count, BigDecimal amountTotal, BigDecimal amountMean, long failures) {

    private static Row expected(FigureKey key, Figures figures) {
      return new Row(
          key.windowStart().plus(FigureKey.WINDOW),
          figures.count(),
          figures.amountTotal(),
          figures.amountMean(),
          figures.failures());
    }
  }

  /**
   * Adds a row. Rows must be added in the order of the stream.
   *
   * @throws DemoException if a field is missing or does not match the schema
   */
  synchronized void row(Map<String, String> fields) {
    rows++;
    FigureKey key = new FigureKey(field(fields, "type"), instant(fields, "window_start"));
    latest.put(
        key,
        new Row(
            instant(fields, "window_end"),
            integer(fields, "count"),
            decimal(fields, "amount_total"),
            decimal(fields, "amount_mean"),
            integer(fields, "failures")));
  }

  /** Returns the number of rows. */
  synchronized long rows() {
    return rows;
  }

  /** Returns the number of events in the latest rows. */
  synchronized long events() {
    return latest.values().stream().mapToLong(Row::count).sum();
  }

  /** Returns the differences as text; empty if everything matches. */
  synchronized List<String> differences(Map<FigureKey, Figures> expected) {
    List<String> differences = new ArrayList<>();
    Map<String, FigureKey> keys = new TreeMap<>();
    expected.keySet().forEach(key -> keys.put(key.toString(), key));
    latest.keySet().forEach(key -> keys.put(key.toString(), key));
    keys.forEach(
        (name, key) -> {
          Figures figures = expected.get(key);
          Row row = latest.get(key);
          if (figures == null) {
            differences.add(name + ": in Redis, but no such event was produced");
          } else if (row == null) {
            differences.add(name + ": not in Redis yet");
          } else if (!row.equals(Row.expected(key, figures))) {
            differences.add(name + ": expected " + Row.expected(key, figures) + ", got " + row);
          }
        });
    return differences;
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new DemoException(
          "a row of the analytics stream has no field " + name + ", only " + fields.keySet());
    }
    return value;
  }

  private static Instant instant(Map<String, String> fields, String name) {
    try {
      return Instant.parse(field(fields, name));
    } catch (DateTimeParseException e) {
      throw wrong(name, "an ISO-8601 instant", e);
    }
  }

  private static long integer(Map<String, String> fields, String name) {
    try {
      return Long.parseLong(field(fields, name));
    } catch (NumberFormatException e) {
      throw wrong(name, "a whole number", e);
    }
  }

  private static BigDecimal decimal(Map<String, String> fields, String name) {
    try {
      return new BigDecimal(field(fields, name));
    } catch (NumberFormatException e) {
      throw wrong(name, "a decimal", e);
    }
  }

  private static DemoException wrong(String name, String wanted, Exception cause) {
    return new DemoException(
        "field " + name + " of a row of the analytics stream is not " + wanted, cause);
  }
}
