/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.List;

/**
 * Entries that one turn of a lane returned: those of one source partition, in order; possibly none.
 *
 * @param entries entries to emit; a pending entry that was trimmed has no fields until the lane has
 *     taken it out
 * @param tracker tracker of the consumer that the entries were delivered to
 * @param settled pending entries that Connect's offset covers: Kafka has their record or dead
 *     letter
 * @param deliveries 0, or the delivery count of entries that are given up ({@code
 *     redis.max.deliveries})
 */
public record LaneBatch(
    List<StreamEntry> entries,
    AckTracker tracker,
    String consumer,
    List<StreamEntry> settled,
    int deliveries) {

  /** Whether the entries must be dead-lettered instead of being retried. */
  public boolean isGivenUp() {
    return deliveries > 0;
  }

  /** Returns the rest of the batch, from an index on. */
  public LaneBatch from(int index) {
    return new LaneBatch(
        entries.subList(index, entries.size()), tracker, consumer, List.of(), deliveries);
  }

  /** Returns the batch with other entries, such as those that were not trimmed. */
  LaneBatch with(List<StreamEntry> others) {
    return new LaneBatch(others, tracker, consumer, settled, deliveries);
  }
}
