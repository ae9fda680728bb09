/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of XCLAIM after the consumer.
 *
 * @param deliveredAt the new delivery time of the entries, in milliseconds since the epoch
 * @param deliveries the new delivery count, or null to increment it
 * @param lastId the group's minimum last-delivered id, or null
 */
record ClaimOptions(
    long minIdle,
    List<EntryId> ids,
    long deliveredAt,
    @Nullable Long deliveries,
    boolean force,
    boolean justId,
    @Nullable EntryId lastId) {

  static ClaimOptions parse(Arguments a, long now) {
    long minIdle = minIdle(a, 3);
    List<EntryId> ids = new ArrayList<>();
    int index = 4;
    while (index < a.size() && StreamIds.isId(a.raw(index))) {
      ids.add(StreamIds.exact(a.raw(index++)));
    }
    long deliveredAt = now;
    Long deliveries = null;
    boolean force = false;
    boolean justId = false;
    EntryId lastId = null;
    for (; index < a.size(); index++) {
      switch (a.option(index)) {
        case "IDLE" -> deliveredAt = now - a.number(++index);
        case "TIME" -> deliveredAt = a.number(++index);
        case "RETRYCOUNT" -> deliveries = a.number(++index);
        case "FORCE" -> force = true;
        case "JUSTID" -> justId = true;
        case "LASTID" -> lastId = StreamIds.exact(a.raw(++index));
        default -> throw new CommandError("ERR Unrecognized XCLAIM option '" + a.raw(index) + "'");
      }
    }
    return new ClaimOptions(
        minIdle, ids, Math.min(deliveredAt, now), deliveries, force, justId, lastId);
  }

  /** Returns the minimum idle time; a negative time counts as 0. */
  static long minIdle(Arguments a, int index) {
    try {
      return Math.max(0, a.number(index));
    } catch (CommandError e) {
      throw new CommandError(
          "ERR Invalid min-idle-time argument for " + a.command().toUpperCase(Locale.ROOT));
    }
  }

  long deliveriesAfter(long before) {
    if (deliveries != null) {
      return deliveries;
    }
    return justId ? before : before + 1;
  }
}
