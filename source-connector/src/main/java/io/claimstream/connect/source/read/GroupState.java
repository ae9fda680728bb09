/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.Optional;

/**
 * A consumer group and what its consumers have pending, both of the same moment: seen one after the
 * other they say nothing about each other if the group was read, moved or lost in between.
 *
 * @param info the group
 * @param pending empty if nothing is
 */
record GroupState(GroupInfo info, Optional<PendingRange> pending) {

  /** A position of the group with nothing pending at or below it. */
  EntryId begin() {
    return pending
        .map(range -> EntryId.lower(range.lowest().previous(), info.lastDelivered()))
        .orElse(info.lastDelivered());
  }

  /** Whether the group stands before that entry. */
  boolean isBefore(EntryId id) {
    return id.isAfter(info.lastDelivered());
  }
}
