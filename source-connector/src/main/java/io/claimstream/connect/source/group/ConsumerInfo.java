/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import java.time.Duration;

/**
 * Consumer of a group, as reported by {@code XINFO CONSUMERS}.
 *
 * @param pending number of its pending entries
 * @param idle time since it last attempted to read or, on older servers, since it last received
 *     entries
 * @param countsAttempts whether {@code idle} includes reads that returned nothing, as from Redis
 *     7.2 on
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-consumers/">XINFO CONSUMERS</a>
 */
public record ConsumerInfo(String name, long pending, Duration idle, boolean countsAttempts) {}
