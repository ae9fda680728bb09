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
 * Compares the analytics that came back to Redis with what the produced events add up to. Of each
 * type and window the latest row counts. Safe for use by several threads.
 */
final class AnalyticsCheck {
  private final Map<FigureKey, Row> latest = new HashMap<>();
  private long rows;

  /**
   * One row of the analytics stream.
   *
   * @param windowEnd first instant after the window
   * @param count how many events
   * @param amountTotal sum of their amounts
   * @param amountMean total divided by count
   * @param failures how many failed
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
   * Notes a row, given by its fields; rows come in the order of the stream.
   *
   * @throws DemoException if a field is missing or is not what the schema says
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

  /** How many rows were noted. */
  synchronized long rows() {
    return rows;
  }

  /** How many events the latest rows account for. */
  synchronized long events() {
    return latest.values().stream().mapToLong(Row::count).sum();
  }

  /** What does not match, in words; empty if everything does. */
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
            differences.add(name + ": came back, but no such event was produced");
          } else if (row == null) {
            differences.add(name + ": has not come back");
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
