/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.OptionalLong;

/**
 * A consumer group as {@code XINFO GROUPS} shows it.
 *
 * @param lastDelivered the last entry handed to any consumer
 * @param pending how many entries are delivered and not acknowledged
 * @param lag how many entries are not delivered yet; empty where Redis does not know
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">XINFO GROUPS</a>
 */
public record GroupInfo(EntryId lastDelivered, long pending, OptionalLong lag) {}
