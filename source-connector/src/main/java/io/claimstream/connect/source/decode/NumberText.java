/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Schema;

/** Parser of numbers as producers write them: decimal digits only, within the range of the type. */
final class NumberText {
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,30}");
  private static final Pattern FLOATING =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,400}(?:\\.[0-9]{0,400})?|\\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?");

  private static final Pattern NOT_ZERO = Pattern.compile("^[^eE]*[1-9]");

  private NumberText() {}

  static Number parse(Schema.Type type, String text) throws FieldException {
    boolean floating = type == Schema.Type.FLOAT32 || type == Schema.Type.FLOAT64;
    if (!(floating ? FLOATING : INTEGER).matcher(text).matches()) {
      throw new FieldException("is not a number of type " + type.getName());
    }
    try {
      return switch (type) {
        case INT8 -> Byte.valueOf(text);
        case INT16 -> Short.valueOf(text);
        case INT32 -> Integer.valueOf(text);
        case INT64 -> Long.valueOf(text);
        case FLOAT32 -> held(type, text, Float.valueOf(text));
        default -> held(type, text, Double.valueOf(text));
      };
    } catch (NumberFormatException e) {
      throw outOfRange(type); // the format is valid, so the value is out of range
    }
  }

  /** Rejects a number that would become infinity or, although it is not zero, zero. */
  private static Number held(Schema.Type type, String text, Number number) throws FieldException {
    double value = number.doubleValue();
    if (Double.isInfinite(value) || (value == 0 && NOT_ZERO.matcher(text).find())) {
      throw outOfRange(type);
    }
    return number;
  }

  private static FieldException outOfRange(Schema.Type type) {
    return new FieldException("is out of the range of type " + type.getName());
  }
}
