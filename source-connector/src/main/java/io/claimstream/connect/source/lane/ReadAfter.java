/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** The entry after which reading goes on, as people write it in a setting or an offset. */
public final class ReadAfter {

  private ReadAfter() {}

  /**
   * Reads a stream id, or an ISO-8601 instant: then reading goes on with the entries of that
   * millisecond.
   *
   * @throws IllegalArgumentException if the text is neither; the message does not quote it
   */
  public static EntryId parse(String text) {
    if (text.matches("1\\d{9}")) {
      throw new IllegalArgumentException(
          "it looks like seconds since 1970: an id begins with milliseconds, " + text + "000");
    }
    try {
      if (text.matches("\\d+(-\\d+)?")) {
        return EntryId.parse(text);
      }
      Instant instant = Instant.parse(text);
      return instant.toEpochMilli() <= 0 ? EntryId.ZERO : EntryId.at(instant).previous();
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException("it is neither an id nor an instant", e);
    }
  }
}
