/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

/**
 * One run.
 *
 * @param entries how many entries or records
 * @param seconds from the first to the last of them, where they arrived
 * @param cpuSeconds that the worker used meanwhile; NaN if there was none
 */
record Measurement(long entries, double seconds, double cpuSeconds) {
  double perSecond() {
    return entries / seconds;
  }

  /** Seconds of the worker's CPU for a million of them. */
  double cpuPerMillion() {
    return cpuSeconds * 1e6 / entries;
  }
}
