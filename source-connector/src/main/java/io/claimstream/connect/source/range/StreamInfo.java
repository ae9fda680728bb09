/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.EntryId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Redis reports about a stream; one that does not exist is empty.
 *
 * @param exists whether there is a key of that name
 * @param last the highest id that it has generated
 * @param first the id of its first entry; null if it is empty
 * @param length the number of its entries
 * @param added the number of entries ever added; unknown before Redis 7.0, and then {@link
 *     #UNKNOWN}
 * @see <a href="https://redis.io/docs/latest/commands/xinfo-stream/">XINFO STREAM</a>
 */
record StreamInfo(boolean exists, EntryId last, @Nullable EntryId first, long length, long added) {
  static final long UNKNOWN = -1;

  private static final StreamInfo EMPTY = new StreamInfo(false, EntryId.ZERO, null, 0, 0);

  static Command command(String stream) {
    return Command.of("XINFO", "STREAM", stream);
  }

  /**
   * Parses a reply.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis refuses, or the key contains
   *     something else
   */
  static StreamInfo parse(String stream, @Nullable Object reply) {
    if (reply instanceof ErrorReply error && error.text().contains("no such key")) {
      return EMPTY;
    }
    Map<String, @Nullable Object> info = Replies.map(Replies.checked(reply, command(stream)));
    Object first = info.get("first-entry");
    return new StreamInfo(
        true,
        id(info.get("last-generated-id")),
        first == null ? null : id(Replies.list(first).get(0)),
        number(info.get("length")),
        number(info.get("entries-added")));
  }

  private static EntryId id(@Nullable Object value) {
    return EntryId.parse(String.valueOf(Replies.text(value)));
  }

  private static long number(@Nullable Object value) {
    return value instanceof Long number ? number : UNKNOWN;
  }
}
