/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/**
 * The last snapshot of each claim, as compaction leaves them, and how many events are in them all.
 * All methods may be called from any thread.
 */
final class SnapshotCheck {
  private final Map<String, Long> events = new HashMap<>();
  private long total;

  /**
   * What the snapshots come to.
   *
   * @param claims how many claims have one
   * @param events how many events are in them
   */
  record Snapshots(long claims, long events) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%,d claims of %,d events", claims, events);
    }
  }

  /** Takes a snapshot in place of the claim's former one. */
  synchronized void snapshot(String claim, GenericRecord snapshot) {
    long now = (long) snapshot.get("events");
    Long before = events.put(claim, now);
    total += before == null ? now : now - before;
  }

  /** As of now. */
  synchronized Snapshots snapshots() {
    return new Snapshots(events.size(), total);
  }
}
