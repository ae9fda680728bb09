/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;

/**
 * Stream position that an idle lane waits for.
 *
 * @param stream the Redis key
 * @param after id above which an entry is new to the group
 */
public record Awaited(String stream, EntryId after) {}
