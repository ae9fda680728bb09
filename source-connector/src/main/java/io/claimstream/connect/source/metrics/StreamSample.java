/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * State of a stream and its group at one moment.
 *
 * @param length entries in the stream; empty if the user has no permission for XLEN
 * @param lag entries that the group has not read yet; empty if Redis does not report it
 * @param pending pending entries of all consumers of the group; empty if the group is lost
 * @param oldestPending the lowest pending id; null if nothing is pending
 * @param memory used memory as a fraction of maxmemory; empty if there is no limit or Redis does
 *     not report it
 */
public record StreamSample(
    OptionalLong length,
    OptionalLong lag,
    OptionalLong pending,
    @Nullable EntryId oldestPending,
    OptionalDouble memory) {}
