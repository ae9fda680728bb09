/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of XREAD and XREADGROUP.
 *
 * @param group null for XREAD
 * @param consumer empty for XREAD
 * @param block the time to wait for entries, or null not to wait
 */
record ReadOptions(
    @Nullable String group,
    String consumer,
    long count,
    @Nullable Duration block,
    boolean noAck,
    List<String> keys,
    List<String> ids) {

  static ReadOptions parse(Arguments a, boolean withGroup) {
    String group = null;
    String consumer = "";
    long count = Long.MAX_VALUE;
    Duration block = null;
    boolean noAck = false;
    int index = 0;
    while (!a.option(index).equals("STREAMS")) {
      switch (a.option(index)) {
        case "COUNT" -> {
          long asked = a.number(++index);
          count = asked <= 0 ? Long.MAX_VALUE : asked;
        }
        case "BLOCK" -> block = block(a, ++index);
        case "GROUP" -> {
          if (!withGroup) {
            throw new CommandError(
                "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
          }
          group = a.raw(++index);
          consumer = a.raw(++index);
        }
        case "NOACK" -> noAck = true;
        default -> throw CommandError.syntax();
      }
      index++;
    }
    List<String> rest = a.from(index + 1).stream().map(Bytes::raw).toList();
    if (rest.isEmpty() || rest.size() % 2 != 0) {
      throw new CommandError(
          "ERR Unbalanced "
              + a.command().toUpperCase(Locale.ROOT)
              + " list of streams: for each stream key an ID or '$' must be specified.");
    }
    if (withGroup && group == null) {
      throw new CommandError("ERR Missing GROUP option for XREADGROUP");
    }
    int half = rest.size() / 2;
    return new ReadOptions(
        group, consumer, count, block, noAck, rest.subList(0, half), rest.subList(half, 2 * half));
  }

  private static Duration block(Arguments a, int index) {
    long millis;
    try {
      millis = a.number(index);
    } catch (CommandError e) {
      throw new CommandError("ERR timeout is not an integer or out of range");
    }
    if (millis < 0) {
      throw new CommandError("ERR timeout is negative");
    }
    return Duration.ofMillis(millis);
  }
}
