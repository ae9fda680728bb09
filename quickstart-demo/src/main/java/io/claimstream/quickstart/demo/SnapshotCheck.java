/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/**
 * The last snapshot of each claim, as compaction keeps them, and the number of events in all of
 * them. Safe for use by several threads.
 */
final class SnapshotCheck {
  private final Map<String, Long> events = new HashMap<>();
  private long total;

  /**
   * Totals of the snapshots.
   *
   * @param claims the number of claims with a snapshot
   * @param events the number of events in the snapshots
   */
  record Snapshots(long claims, long events) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%,d claims with %,d events", claims, events);
    }
  }

  /** Replaces the claim's previous snapshot. */
  synchronized void snapshot(String claim, GenericRecord snapshot) {
    long now = (long) snapshot.get("events");
    Long before = events.put(claim, now);
    total += before == null ? now : now - before;
  }

  /** Returns the current totals. */
  synchronized Snapshots snapshots() {
    return new Snapshots(events.size(), total);
  }
}
