/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.List;

/**
 * What one turn of a lane brought: entries of one source partition, in order; perhaps none.
 *
 * @param tracker of the consumer that the entries were delivered to
 * @param settled pending entries that Kafka has something of: the record, or a dead letter
 * @param deliveries 0, or how often the entries were delivered without reaching Kafka: too often
 */
public record LaneBatch(
    List<StreamEntry> entries,
    AckTracker tracker,
    String consumer,
    List<StreamEntry> settled,
    int deliveries) {

  /** Whether these entries are to be put aside instead of being tried once more. */
  public boolean isCondemned() {
    return deliveries > 0;
  }

  /** The same from that entry on. */
  public LaneBatch from(int index) {
    return new LaneBatch(
        entries.subList(index, entries.size()), tracker, consumer, List.of(), deliveries);
  }
}
