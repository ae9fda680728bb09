/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

/**
 * The data about a run's events, collected by its background tasks.
 *
 * @param arrivals the entries in Redis compared with the records of the topic
 * @param expected the totals of the entries
 * @param analytics the analytics rows in Redis
 * @param snapshots the claims' snapshots
 * @param latencies the latencies from the entry's id to the read of its record
 */
record Evidence(
    ArrivalCheck arrivals,
    ExpectedFigures expected,
    AnalyticsCheck analytics,
    SnapshotCheck snapshots,
    Latencies latencies) {

  /** Returns evidence without data. */
  static Evidence none() {
    return new Evidence(
        new ArrivalCheck(),
        new ExpectedFigures(),
        new AnalyticsCheck(),
        new SnapshotCheck(),
        new Latencies());
  }
}
