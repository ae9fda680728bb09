/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;

/**
 * Range of a group's pending entries, from the summary of {@code XPENDING}.
 *
 * @param lowest the lowest id
 * @param highest the highest id
 */
public record PendingRange(EntryId lowest, EntryId highest) {}
