/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * Tells records that were dropped on purpose from those that something failed on. What is not
 * certain counts as a failure: a dead letter too many can be looked at, a lost entry cannot. Safe
 * for use by several threads.
 */
public final class DropPolicy {
  private final boolean tolerant;
  private final DroppedRecords choice;
  private final Supplier<OptionalDouble> failures;

  /**
   * A policy.
   *
   * @param tolerant whether {@code errors.tolerance=all}; else only filters drop records
   * @param failures how many failures Connect has counted so far, if it tells
   */
  public DropPolicy(boolean tolerant, DroppedRecords choice, Supplier<OptionalDouble> failures) {
    this.tolerant = tolerant;
    this.choice = choice;
    this.failures = failures;
  }

  /** To be noted when records are handed to Connect; NaN where it is of no use. */
  double failuresNow() {
    return tolerant && choice == DroppedRecords.AUTO
        ? failures.get().orElse(Double.NaN)
        : Double.NaN;
  }

  /**
   * Whether a record that was dropped is to be put aside.
   *
   * @param failuresBefore what {@link #failuresNow} was when it was handed to Connect
   */
  boolean isFailure(double failuresBefore) {
    if (!tolerant) {
      return false;
    }
    return switch (choice) {
      case DEAD_LETTER -> true;
      case ACKNOWLEDGE -> false;
      // NaN equals nothing: unknown counts as a failure
      case AUTO -> failuresBefore != failuresNow();
    };
  }
}
