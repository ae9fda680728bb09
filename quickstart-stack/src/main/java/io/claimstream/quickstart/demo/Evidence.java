/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

/**
 * What a run knows of its events, filled by its background tasks.
 *
 * @param arrivals entries of Redis against records of the topic
 * @param expected what the entries add up to
 * @param analytics what came back to Redis
 * @param snapshots where the claims stand
 * @param latencies from the entry's id to the read of its record
 */
record Evidence(
    ArrivalCheck arrivals,
    ExpectedFigures expected,
    AnalyticsCheck analytics,
    SnapshotCheck snapshots,
    Latencies latencies) {

  /** Nothing known yet. */
  static Evidence none() {
    return new Evidence(
        new ArrivalCheck(),
        new ExpectedFigures(),
        new AnalyticsCheck(),
        new SnapshotCheck(),
        new Latencies());
  }
}
