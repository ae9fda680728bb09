/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

/** A connector whose speed is compared. */
interface Candidate {
  String name();

  /**
   * Runs once and removes everything it created.
   *
   * @param verified whether to check after the measurement that each record exists once
   */
  Measurement run(Worker worker, boolean verified);
}
