/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.Map;

/** A connector whose speed is compared. */
interface Candidate {
  String name();

  /** Returns properties of the workers that run it. */
  default Map<String, String> worker() {
    return Map.of();
  }

  /**
   * Runs once and removes everything it created.
   *
   * @param verified whether to check after the measurement that each record exists once
   */
  Measurement run(Worker worker, boolean verified);
}
