/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.claimstream.connect.schema.AvroParameters;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;

/** Parser of numbers, times and truth values. */
final class ScalarParser implements FieldParser {
  private static final long MILLIS_PER_DAY = 86_400_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Text text;

  /** Parser of text in UTF-8. */
  private interface Text {
    Object parse(byte[] text) throws FieldException;
  }

  private ScalarParser(Text text) {
    this.text = text;
  }

  static ScalarParser of(Schema schema) {
    String name = schema.name() == null ? "" : schema.name();
    return new ScalarParser(
        switch (name) {
          case Decimal.LOGICAL_NAME -> decimal(schema);
          case Timestamp.LOGICAL_NAME -> text -> new Date(EventTime.millis(text));
          case org.apache.kafka.connect.data.Date.LOGICAL_NAME -> ScalarParser::day;
          case Time.LOGICAL_NAME -> ScalarParser::timeOfDay;
          default -> plain(schema.type());
        });
  }

  private static Text decimal(Schema schema) {
    int precision = AvroParameters.precision(schema).orElse(0);
    int scale = Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD));
    return text -> DecimalText.parse(text, precision, scale);
  }

  private static Text plain(Schema.Type type) {
    return type == Schema.Type.BOOLEAN ? ScalarParser::bool : text -> NumberText.parse(type, text);
  }

  private static Date day(byte[] text) throws FieldException {
    try {
      return new Date(Math.toIntExact(EventTime.epochDay(text)) * MILLIS_PER_DAY);
    } catch (DateTimeException | ArithmeticException e) {
      throw new FieldException("is not a date: expected ISO-8601, such as 2024-08-20");
    }
  }

  private static Date timeOfDay(byte[] text) throws FieldException {
    try {
      return new Date(LocalTime.parse(EntryText.utf8(text)).toNanoOfDay() / NANOS_PER_MILLI);
    } catch (DateTimeException e) {
      throw new FieldException("is not a time of day: expected ISO-8601, such as 10:30:00");
    }
  }

  private static Boolean bool(byte[] text) throws FieldException {
    return switch (EntryText.utf8(text)) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new FieldException("is neither true nor false");
    };
  }

  @Override
  public Object parse(byte[] value) throws FieldException {
    return text.parse(value);
  }

  @Override
  public Object parse(JsonNode node) throws FieldException {
    FieldParser.requireScalar(node);
    return text.parse(JsonText.text(node).getBytes(StandardCharsets.UTF_8));
  }
}
