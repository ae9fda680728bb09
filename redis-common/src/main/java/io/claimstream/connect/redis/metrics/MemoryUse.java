/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How near a server is to its {@code maxmemory}, where it no longer takes entries.
 *
 * @see <a href="https://redis.io/docs/latest/commands/info/">INFO</a>
 */
public final class MemoryUse {

  private MemoryUse() {}

  /** Asks the server; a user without the right to it gets no figure. */
  public static Command command() {
    return Command.of("INFO", "memory");
  }

  /** Used memory as a part of maxmemory; empty without a limit, or if it is not to be had. */
  public static OptionalDouble ratio(@Nullable Object reply) {
    if (!(reply instanceof byte[])) {
      return OptionalDouble.empty();
    }
    String info = String.valueOf(Replies.text(reply));
    double used = number(info, "used_memory:");
    double limit = number(info, "maxmemory:");
    return limit > 0 ? OptionalDouble.of(used / limit) : OptionalDouble.empty();
  }

  private static double number(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length()).trim()))
        .findFirst()
        .orElse(0);
  }
}
