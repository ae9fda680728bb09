/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;

/**
 * An entry that was delivered and not acknowledged, as {@code XPENDING} shows it.
 *
 * @param id the entry's id
 * @param deliveries how often it was delivered, at least 1
 */
record PendingEntry(EntryId id, long deliveries) {}
