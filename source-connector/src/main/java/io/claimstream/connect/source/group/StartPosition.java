/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.group;

import io.claimstream.connect.redis.stream.EntryId;
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
    return after(ReadAfter.parse(trimmed));
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
