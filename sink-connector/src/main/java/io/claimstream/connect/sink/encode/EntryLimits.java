/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import org.apache.kafka.connect.errors.DataException;

/**
 * Limits of what one record may become. A few bytes in Kafka can stand for gigabytes of text, such
 * as a decimal of scale -2,000,000,000; so each limit is checked before the work is done, and a
 * record beyond one is a bad record instead of an error that ends the worker.
 */
final class EntryLimits {
  /** All names and values of an entry, in bytes. */
  static final int BYTES = 32 << 20;

  /** Containers in containers; what common JSON readers accept as well. */
  private static final int DEPTH = 1_000;

  /** Digits of a number as plain text, before and behind the point together. */
  private static final int DIGITS = 1_000;

  /** More bits than that are more digits than allowed, without counting them. */
  private static final int BITS = 4 * DIGITS;

  private EntryLimits() {}

  static void checkDepth(int depth) {
    if (depth > DEPTH) {
      throw new DataException("is nested more than " + number(DEPTH) + " levels deep");
    }
  }

  static void checkDigits(BigDecimal decimal) {
    int scale = decimal.scale();
    if (scale < -DIGITS || scale > DIGITS || decimal.unscaledValue().bitLength() > BITS) {
      throw tooManyDigits();
    }
    int digits = decimal.precision();
    if ((scale < 0 ? digits - scale : Math.max(digits, scale + 1)) > DIGITS) {
      throw tooManyDigits();
    }
  }

  static void checkDigits(BigInteger integer) {
    if (integer.bitLength() > BITS) {
      throw tooManyDigits();
    }
  }

  private static DataException tooManyDigits() {
    return new DataException(
        "holds a number of more than " + number(DIGITS) + " digits when written out");
  }

  static void checkBytes(long bytes, int left) {
    if (bytes > left) {
      throw new DataException(
          "makes the entry larger than " + number(BYTES) + " bytes, the most that is appended");
    }
  }

  private static String number(int limit) {
    return String.format(Locale.ROOT, "%,d", limit);
  }

  /** A stream that takes no more than so many bytes, and gives them to another. */
  static final class LimitedStream extends OutputStream {
    private final ByteArrayOutputStream to;
    private final int limit;

    LimitedStream(ByteArrayOutputStream to, int limit) {
      this.to = to;
      this.limit = limit;
    }

    @Override
    public void write(int b) {
      checkBytes(to.size() + 1L, limit);
      to.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      checkBytes((long) to.size() + length, limit);
      to.write(bytes, from, length);
    }
  }
}
