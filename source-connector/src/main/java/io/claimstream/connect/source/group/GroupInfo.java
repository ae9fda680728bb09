/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.OptionalLong;

/**
 * Consumer group, as reported by {@code XINFO GROUPS}.
 *
 * @param lastDelivered id of the last entry delivered to any consumer
 * @param lag number of entries not delivered yet; empty if Redis does not report it
 * @param read number of entries up to the last delivered one since the stream exists, as far as
 *     Redis can count them; empty if it does not report it
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-groups/">XINFO GROUPS</a>
 */
public record GroupInfo(EntryId lastDelivered, OptionalLong lag, OptionalLong read) {}
