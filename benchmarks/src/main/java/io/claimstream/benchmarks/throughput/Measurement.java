/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

/**
 * The result of one run.
 *
 * @param entries the number of entries or records
 * @param seconds the time between the arrival of the first and of the last one
 * @param cpuSeconds the CPU that the worker used in between; NaN if there was no worker
 */
record Measurement(long entries, double seconds, double cpuSeconds) {
  double perSecond() {
    return entries / seconds;
  }

  /** Returns the seconds of the worker's CPU per million entries. */
  double cpuPerMillion() {
    return cpuSeconds * 1e6 / entries;
  }
}
