/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import java.time.Duration;

/**
 * A consumer of a group as {@code XINFO CONSUMERS} shows it.
 *
 * @param pending how many entries it has pending
 * @param idle how long ago it last asked for entries, or on older servers was given some
 * @param countsAttempts whether reads that found nothing count there, as they do from Redis 7.2 on
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-consumers/">XINFO CONSUMERS</a>
 */
public record ConsumerInfo(String name, long pending, Duration idle, boolean countsAttempts) {}
