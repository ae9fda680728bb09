/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a search for keys. Each page blocks the server for the time of about a thousand keys;
 * the pages together contain every key that exists throughout the search, some more than once.
 *
 * @param next cursor of the next page; {@link #BEGIN} after the last one
 * @param keys the keys that match
 * @see <a href="https://redis.io/docs/latest/commands/scan/">SCAN</a>
 */
public record KeyPage(String next, List<String> keys) {
  /** Cursor of the first page. */
  public static final String BEGIN = "0";

  private static final int COUNT = 1_000;

  /**
   * Returns the command for a page.
   *
   * @param pattern glob-style pattern of the keys
   * @param type type of the keys' values, such as {@code stream}
   */
  public static Command command(String cursor, String pattern, String type) {
    return Command.of("SCAN", cursor, "MATCH", pattern, "COUNT", COUNT, "TYPE", type);
  }

  /** Parses the reply to {@link #command}. */
  public static KeyPage parse(@Nullable Object reply) {
    List<@Nullable Object> parts = Replies.list(reply);
    return new KeyPage(
        String.valueOf(Replies.text(parts.get(0))),
        Replies.list(parts.get(1)).stream().map(key -> String.valueOf(Replies.text(key))).toList());
  }

  /** Returns whether no page follows. */
  public boolean isLast() {
    return next.equals(BEGIN);
  }
}
