/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * Distinguishes records that were dropped on purpose from records that failed. An uncertain drop
 * counts as a failure: a superfluous dead letter can be inspected, a lost entry cannot. Safe for
 * use by several threads.
 */
public final class DropPolicy {
  private final boolean tolerant;
  private final DroppedRecords choice;
  private final Supplier<OptionalDouble> failures;

  /**
   * Creates a policy.
   *
   * @param tolerant whether {@code errors.tolerance=all}; otherwise only filters drop records
   * @param failures Connect's current failure count, if available
   */
  public DropPolicy(boolean tolerant, DroppedRecords choice, Supplier<OptionalDouble> failures) {
    this.tolerant = tolerant;
    this.choice = choice;
    this.failures = failures;
  }

  /**
   * The failure count to store when records are handed to Connect; NaN if it is not needed or not
   * available.
   */
  double failuresNow() {
    return tolerant && choice == DroppedRecords.AUTO
        ? failures.get().orElse(Double.NaN)
        : Double.NaN;
  }

  /**
   * Whether the entry of a dropped record must be dead-lettered.
   *
   * @param failuresBefore the value of {@link #failuresNow} when the record was handed to Connect
   */
  boolean isFailure(double failuresBefore) {
    if (!tolerant) {
      return false;
    }
    return switch (choice) {
      case DEAD_LETTER -> true;
      case ACKNOWLEDGE -> false;
      // NaN equals no number, so an unknown count counts as a failure
      case AUTO -> failuresBefore != failuresNow();
    };
  }
}
