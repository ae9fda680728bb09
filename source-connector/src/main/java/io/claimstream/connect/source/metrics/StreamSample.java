/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A stream and its group at one moment.
 *
 * @param length entries in the stream; empty where the user may not ask (XLEN)
 * @param lag entries the group has not read; empty where Redis does not know
 * @param pending entries read and not acknowledged, by all consumers of the group; empty if the
 *     group is lost
 * @param oldestPending the lowest of them; null if there are none
 * @param memory used memory as a part of maxmemory; empty where there is no limit or it is not to
 *     be had
 */
public record StreamSample(
    OptionalLong length,
    OptionalLong lag,
    OptionalLong pending,
    @Nullable EntryId oldestPending,
    OptionalDouble memory) {}
