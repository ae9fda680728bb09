/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;

/**
 * What the consumers of a group have pending, as the summary of {@code XPENDING} shows it.
 *
 * @param lowest the lowest id
 * @param highest the highest id
 */
record PendingRange(EntryId lowest, EntryId highest) {}
