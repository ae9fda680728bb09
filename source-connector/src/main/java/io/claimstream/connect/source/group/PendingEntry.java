/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;

/**
 * Pending entry, as reported by {@code XPENDING}.
 *
 * @param id the entry's id
 * @param deliveries number of deliveries, at least 1
 */
public record PendingEntry(EntryId id, long deliveries) {}
