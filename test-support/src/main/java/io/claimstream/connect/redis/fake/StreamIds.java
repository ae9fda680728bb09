/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import org.jspecify.annotations.Nullable;

/** Parses stream ids in the syntax of the commands, with Redis' own errors. */
final class StreamIds {
  private static final String INVALID =
      "ERR Invalid stream ID specified as stream command argument";

  private StreamIds() {}

  /** Parses an id; the sequence of an incomplete one is 0. */
  static EntryId exact(String text) {
    return parse(text, 0);
  }

  /** Returns whether it is an id rather than another argument. */
  static boolean isId(String text) {
    try {
      exact(text);
      return true;
    } catch (CommandError e) {
      return false;
    }
  }

  private static EntryId parse(String text, long missingSequence) {
    try {
      EntryId id = EntryId.parse(text);
      return text.indexOf('-') < 0 ? new EntryId(id.millis(), missingSequence) : id;
    } catch (IllegalArgumentException e) {
      throw new CommandError(INVALID);
    }
  }

  /** Parses the inclusive start of a range: {@code -}, an id, or {@code (id}. */
  static EntryId rangeStart(String text) {
    boolean exclusive = text.startsWith("(");
    EntryId id = bound(exclusive ? text.substring(1) : text, 0, exclusive);
    if (exclusive && id.equals(EntryId.MAX)) {
      throw new CommandError("ERR invalid start ID for the interval");
    }
    return exclusive ? id.next() : id;
  }

  /** Parses the inclusive end of a range: {@code +}, an id, or {@code (id}. */
  static EntryId rangeEnd(String text) {
    boolean exclusive = text.startsWith("(");
    EntryId id = bound(exclusive ? text.substring(1) : text, -1L, exclusive);
    if (exclusive && id.equals(EntryId.ZERO)) {
      throw new CommandError("ERR invalid end ID for the interval");
    }
    return exclusive ? id.previous() : id;
  }

  private static EntryId bound(String text, long missingSequence, boolean exclusive) {
    if (!exclusive && text.equals("-")) {
      return EntryId.ZERO;
    }
    if (!exclusive && text.equals("+")) {
      return EntryId.MAX;
    }
    return parse(text, missingSequence);
  }

  /** Rejects an id that can never be the id of a new entry. */
  static void checkNewEntry(String text) {
    if (!text.equals("*") && !text.endsWith("-*") && exact(text).equals(EntryId.ZERO)) {
      throw new CommandError("ERR The ID specified in XADD must be greater than 0-0");
    }
    if (text.endsWith("-*")) {
      exact(text.substring(0, text.length() - 2));
    }
  }

  /** Returns the id of a new entry for {@code *}, {@code <ms>-*} or an id. */
  static EntryId forNewEntry(String text, long nowMillis, @Nullable FakeStream stream) {
    EntryId last = stream == null ? EntryId.ZERO : stream.lastId;
    if (text.equals("*")) {
      return Long.compareUnsigned(nowMillis, last.millis()) > 0
          ? new EntryId(nowMillis, 0)
          : last.next();
    }
    if (text.endsWith("-*")) {
      long millis = exact(text.substring(0, text.length() - 2)).millis();
      if (millis == last.millis()) {
        return last.next();
      }
      return new EntryId(millis, 0);
    }
    return exact(text);
  }
}
