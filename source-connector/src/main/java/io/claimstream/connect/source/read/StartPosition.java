/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.lane.ReadAfter;
import java.util.function.Supplier;

/**
 * Where a new consumer group begins, in the words of {@code XGROUP CREATE}.
 *
 * @param id {@code $} or the id after which reading begins
 * @see <a href="https://redis.io/docs/latest/commands/xgroup-create/">XGROUP CREATE</a>
 */
public record StartPosition(String id) {
  private static final String END = "$";

  /**
   * Reads {@code 0}, {@code $}, a stream id (reading begins after it) or an ISO-8601 instant
   * (reading begins with the entries of that millisecond).
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static StartPosition parse(String text) {
    String trimmed = text.trim();
    if (trimmed.equals(END)) {
      return new StartPosition(trimmed);
    }
    return after(ReadAfter.parse(trimmed));
  }

  /** After that entry. */
  public static StartPosition after(EntryId id) {
    return new StartPosition(id.toString());
  }

  boolean isEnd() {
    return id.equals(END);
  }

  /** As an id; {@code $} is the end of the stream as it is now. */
  EntryId resolve(Supplier<EntryId> end) {
    return isEnd() ? end.get() : EntryId.parse(id);
  }

  @Override
  public String toString() {
    return id;
  }
}
