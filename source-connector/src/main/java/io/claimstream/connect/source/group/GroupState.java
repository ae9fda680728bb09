/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.Optional;

/**
 * A consumer group and its pending entries at the same moment. Looked up one after the other, they
 * say nothing about each other if the group was read, moved or lost in between.
 *
 * @param info the group
 * @param lowestPending the lowest pending id; empty if no entry is pending
 * @param highestPending the highest pending id; empty if no entry is pending
 */
public record GroupState(
    GroupInfo info, Optional<EntryId> lowestPending, Optional<EntryId> highestPending) {

  /** Returns a position of the group that is below all pending entries. */
  public EntryId begin() {
    return lowestPending
        .map(lowest -> EntryId.lower(lowest.previous(), info.lastDelivered()))
        .orElse(info.lastDelivered());
  }

  /** Returns whether the group is before that entry. */
  public boolean isBefore(EntryId id) {
    return id.isAfter(info.lastDelivered());
  }
}
