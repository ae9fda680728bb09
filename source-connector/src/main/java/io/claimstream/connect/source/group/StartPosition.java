/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Supplier;

/**
 * Start position of a consumer group, as an argument of {@code XGROUP CREATE}.
 *
 * @param id {@code $} or the id after which reading starts
 * @see <a href="https://redis.io/docs/latest/commands/xgroup-create/">XGROUP CREATE</a>
 */
public record StartPosition(String id) {
  private static final String END = "$";

  /**
   * Parses {@code 0}, {@code $}, a stream id (reading starts after it) or an ISO-8601 instant
   * (reading starts with the entries of that millisecond).
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static StartPosition parse(String text) {
    String trimmed = text.trim();
    if (trimmed.equals(END)) {
      return new StartPosition(trimmed);
    }
    return after(parseId(trimmed));
  }

  /**
   * Parses a stream id or an ISO-8601 instant into the id after which reading continues. With an
   * instant, reading continues with the entries of that millisecond.
   *
   * @throws IllegalArgumentException if the text is neither; the message does not quote it
   */
  public static EntryId parseId(String text) {
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

  /** Returns the position after an entry. */
  public static StartPosition after(EntryId id) {
    return new StartPosition(id.toString());
  }

  public boolean isEnd() {
    return id.equals(END);
  }

  /** Returns the position as an id; {@code $} becomes the current end of the stream. */
  public EntryId resolve(Supplier<EntryId> end) {
    return isEnd() ? end.get() : EntryId.parse(id);
  }

  @Override
  public String toString() {
    return id;
  }
}
