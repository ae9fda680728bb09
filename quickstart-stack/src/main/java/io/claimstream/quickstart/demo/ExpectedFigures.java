/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.HashMap;
import java.util.Map;

/** The figures that the produced events add up to. Safe for use by several threads. */
final class ExpectedFigures {
  private final Map<FigureKey, Figures> totals = new HashMap<>();

  /** Counts an event that Redis has taken. */
  synchronized void add(ClaimEvent event) {
    totals.merge(
        FigureKey.of(event.type(), event.timestamp()),
        Figures.ofOne(event.amount(), event.failed()),
        Figures::plus);
  }

  /** The totals so far. */
  synchronized Map<FigureKey, Figures> totals() {
    return Map.copyOf(totals);
  }
}
