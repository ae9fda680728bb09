/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Parser of a read position as users write it in a setting or an offset. */
public final class ReadAfter {

  private ReadAfter() {}

  /**
   * Parses a stream id or an ISO-8601 instant into the id after which reading continues. With an
   * instant, reading continues with the entries of that millisecond.
   *
   * @throws IllegalArgumentException if the text is neither; the message does not quote it
   */
  public static EntryId parse(String text) {
    if (text.matches("1\\d{9}")) {
      throw new IllegalArgumentException(
          "it looks like seconds since 1970, but an id starts with milliseconds, such as "
              + text
              + "000");
    }
    try {
      if (text.matches("\\d+(-\\d+)?")) {
        return EntryId.parse(text);
      }
      Instant instant = Instant.parse(text);
      return instant.toEpochMilli() <= 0 ? EntryId.ZERO : EntryId.at(instant).previous();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException("it is neither a stream id nor an ISO-8601 instant", e);
    }
  }
}
