/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import org.apache.kafka.connect.data.Schema;
import org.junit.jupiter.api.Test;

/** Numbers parsed from bytes are what the JDK's own classes make of the text. */
class NumberFormsTest {
  private static final int NUMBERS = 50_000;
  private static final int LARGEST_EXPONENT = 1_000;
  private static final String NONE = "none";
  private static final List<String> ODD = List.of(".", "-", "+", "e2", "E-1", " ", "٣", "x", "");

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void decimalsAreExact() {
    System.out.println("NumberFormsTest: -Dtest.seed=" + seed);
    for (int i = 0; i < NUMBERS; i++) {
      // given
      String text = number(22);
      int scale = random.nextInt(random.nextInt(10) == 0 ? 20 : 4);
      int precision = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(20);

      // when, then
      assertThat(decimal(text, precision, scale))
          .as("%s with precision %d, scale %d", text, precision, scale)
          .isEqualTo(byBigDecimal(text, precision, scale));
    }
  }

  @Test
  void integersAreExactOrRefused() {
    System.out.println("NumberFormsTest: -Dtest.seed=" + seed);
    for (int i = 0; i < NUMBERS; i++) {
      for (Schema.Type type :
          List.of(Schema.Type.INT8, Schema.Type.INT16, Schema.Type.INT32, Schema.Type.INT64)) {
        // given
        String text = random.nextInt(4) == 0 ? nearLimit() : number(random.nextInt(32));

        // when, then
        assertThat(integer(type, text))
            .as("%s as %s", text, type)
            .isEqualTo(byBigInteger(type, text));
      }
    }
  }

  private String number(int most) {
    StringBuilder text = new StringBuilder(List.of("", "", "-", "+").get(random.nextInt(4)));
    digits(text, random.nextInt(most + 1));
    if (random.nextBoolean()) {
      digits(text.append('.'), random.nextInt(4));
    }
    if (random.nextInt(8) == 0) {
      text.insert(random.nextInt(text.length() + 1), ODD.get(random.nextInt(ODD.size())));
    }
    return text.toString();
  }

  private void digits(StringBuilder text, int count) {
    for (int i = 0; i < count; i++) {
      text.append((char) ('0' + random.nextInt(10)));
    }
  }

  /** The limits of a type, and the numbers beside them. */
  private String nearLimit() {
    BigInteger limit = BigInteger.ONE.shiftLeft(List.of(7, 15, 31, 63).get(random.nextInt(4)));
    BigInteger near = limit.add(BigInteger.valueOf(random.nextInt(4) - 2));
    return (random.nextBoolean() ? near : near.negate()).toString();
  }

  private static Object decimal(String text, int precision, int scale) {
    try {
      return DecimalText.parse(text.getBytes(UTF_8), precision, scale);
    } catch (FieldException e) {
      return NONE;
    }
  }

  private static Object byBigDecimal(String text, int precision, int scale) {
    try {
      BigDecimal given = new BigDecimal(text.chars().allMatch(c -> c < 0x80) ? text : NONE);
      if (Math.abs((long) given.scale()) > LARGEST_EXPONENT) {
        return NONE;
      }
      BigDecimal number = given.setScale(scale, RoundingMode.UNNECESSARY);
      return precision > 0 && number.precision() > precision ? NONE : number;
    } catch (ArithmeticException | NumberFormatException e) {
      return NONE;
    }
  }

  private static Object integer(Schema.Type type, String text) {
    try {
      return NumberText.parse(type, text.getBytes(UTF_8));
    } catch (FieldException e) {
      return NONE;
    }
  }

  private static Object byBigInteger(Schema.Type type, String text) {
    if (!text.matches("[+-]?[0-9]{1,30}")) {
      return NONE;
    }
    try {
      BigInteger number = new BigInteger(text);
      return switch (type) {
        case INT8 -> number.byteValueExact();
        case INT16 -> number.shortValueExact();
        case INT32 -> number.intValueExact();
        default -> number.longValueExact();
      };
    } catch (ArithmeticException e) {
      return NONE;
    }
  }
}
