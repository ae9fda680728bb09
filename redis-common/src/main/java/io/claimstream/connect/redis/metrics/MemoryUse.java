/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The fraction of {@code maxmemory} that a server uses. A full server accepts no entries.
 *
 * @see <a href="https://redis.io/docs/latest/commands/info/">INFO</a>
 */
public final class MemoryUse {

  private MemoryUse() {}

  /** Returns the command that reads it; a user without the permission gets no value. */
  public static Command command() {
    return Command.of("INFO", "memory");
  }

  /** Returns used memory as a fraction of maxmemory; empty without a limit or if it is unknown. */
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
