/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Totals of the events of one type in one window.
 *
 * @param count the number of events
 * @param amountTotal sum of their amounts, with two decimals
 * @param failures the number of failed events
 */
record Figures(long count, BigDecimal amountTotal, long failures) {
  static final int SCALE = 2;
  static final Figures NONE = new Figures(0, BigDecimal.ZERO, 0);

  Figures {
    amountTotal = amountTotal.setScale(SCALE, RoundingMode.UNNECESSARY);
  }

  /** Returns the totals of one event; without an amount it adds nothing to the sum. */
  static Figures ofOne(@Nullable BigDecimal amount, boolean failed) {
    return new Figures(1, amount == null ? BigDecimal.ZERO : amount, failed ? 1 : 0);
  }

  Figures plus(Figures other) {
    return new Figures(
        count + other.count, amountTotal.add(other.amountTotal), failures + other.failures);
  }

  /** Returns the sum divided by the count, rounded half up. Requires at least one event. */
  BigDecimal amountMean() {
    return amountTotal.divide(BigDecimal.valueOf(count), SCALE, RoundingMode.HALF_UP);
  }
}
