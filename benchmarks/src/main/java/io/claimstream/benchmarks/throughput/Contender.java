/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

/** Something whose speed is compared. */
interface Contender {
  String name();

  /**
   * Runs once, and leaves nothing behind.
   *
   * @param verified whether to check, after it was measured, that each record is there once
   */
  Measurement run(Worker worker, boolean verified);
}
