/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.HashMap;
import java.util.Map;

/** The totals of the produced events. Safe for use by several threads. */
final class ExpectedFigures {
  private final Map<FigureKey, Figures> totals = new HashMap<>();

  /** Adds an event that Redis has accepted. */
  synchronized void add(ClaimEvent event) {
    totals.merge(
        FigureKey.of(event.type(), event.timestamp()),
        Figures.ofOne(event.amount(), event.failed()),
        Figures::plus);
  }

  /** Returns the totals so far. */
  synchronized Map<FigureKey, Figures> totals() {
    return Map.copyOf(totals);
  }
}
