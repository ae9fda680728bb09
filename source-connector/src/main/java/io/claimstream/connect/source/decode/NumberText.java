/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Schema;

/** Parser of numbers as producers write them: decimal digits only, within the range of the type. */
final class NumberText {
  private static final int LONGEST_INTEGER = 30;
  private static final Pattern FLOATING =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,400}(?:\\.[0-9]{0,400})?|\\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?");

  private static final Pattern NOT_ZERO = Pattern.compile("^[^eE]*[1-9]");

  private NumberText() {}

  static Number parse(Schema.Type type, byte[] text) throws FieldException {
    try {
      return switch (type) {
        case INT8 -> (byte) integer(type, text, Byte.MIN_VALUE, Byte.MAX_VALUE);
        case INT16 -> (short) integer(type, text, Short.MIN_VALUE, Short.MAX_VALUE);
        case INT32 -> (int) integer(type, text, Integer.MIN_VALUE, Integer.MAX_VALUE);
        case INT64 -> integer(type, text, Long.MIN_VALUE, Long.MAX_VALUE);
        case FLOAT32 -> {
          String floating = floating(type, text);
          yield held(type, floating, Float.valueOf(floating));
        }
        default -> {
          String floating = floating(type, text);
          yield held(type, floating, Double.valueOf(floating));
        }
      };
    } catch (ArithmeticException e) {
      throw outOfRange(type);
    }
  }

  private static long integer(Schema.Type type, byte[] text, long least, long most)
      throws FieldException {
    boolean isNegative = text.length > 0 && text[0] == '-';
    int from = isNegative || (text.length > 0 && text[0] == '+') ? 1 : 0;
    int digits = text.length - from;
    if (digits == 0 || digits > LONGEST_INTEGER || !Digits.are(text, from, text.length)) {
      throw notOfType(type, text);
    }
    long number = Digits.number(text, from, text.length, isNegative);
    if (number < least || number > most) {
      throw outOfRange(type);
    }
    return number;
  }

  private static String floating(Schema.Type type, byte[] text) throws FieldException {
    String floating = EntryText.utf8(text);
    if (!FLOATING.matcher(floating).matches()) {
      throw notOfType(type, text);
    }
    return floating;
  }

  /** Rejects a number that would become infinity or, although it is not zero, zero. */
  private static Number held(Schema.Type type, String text, Number number) throws FieldException {
    double value = number.doubleValue();
    if (Double.isInfinite(value) || (value == 0 && NOT_ZERO.matcher(text).find())) {
      throw outOfRange(type);
    }
    return number;
  }

  private static FieldException notOfType(Schema.Type type, byte[] text) throws FieldException {
    EntryText.utf8(text); // what is not even text is reported as that
    return new FieldException("is not a number of type " + type.getName());
  }

  private static FieldException outOfRange(Schema.Type type) {
    return new FieldException("is out of the range of type " + type.getName());
  }
}
