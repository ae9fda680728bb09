/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.redis.stream.EntryId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code trim.lua} in Java, which {@code FakeTrimScriptTest} compares. */
final class FakeTrimScript implements ScriptFunction {
  private static final long MOST = 10_000;
  private static final long SLACK = 1_000;

  static String source() {
    try (InputStream in = Retention.class.getResourceAsStream("trim.lua")) {
      return new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lowest id that a group still needs. */
  private record Needed(EntryId id, boolean isPending, String holder) {}

  @Override
  public Object run(Calls redis, List<byte[]> keys, List<byte[]> arguments) {
    byte[] stream = keys.get(0);
    long length = length(redis, stream);
    if (length == 0) {
      return List.of(0L, "");
    }
    Needed needed = needed(redis, stream, arguments);
    if (needed == null) {
      return List.of(0L, "");
    }
    long keep = Long.parseLong(Bytes.raw(arguments.get(0)));
    EntryId oldest = EntryId.parse(Bytes.raw(arguments.get(1)));
    EntryId tooOld = EntryId.parse(Bytes.raw(arguments.get(2)));
    long aged = 0;
    if (!oldest.equals(EntryId.ZERO)) {
      EntryId first = EntryId.lower(needed.id(), oldest);
      aged = number(redis.call("XTRIM", stream, "MINID", "~", first));
      length = length(redis, stream);
    }
    long trimmed = 0;
    if (keep >= 0 && length > keep) {
      long most = Math.min(length - keep, MOST);
      trimmed = number(redis.call("XTRIM", stream, "MINID", "~", needed.id(), "LIMIT", most));
    }
    boolean isTooLong = keep >= 0 && trimmed == 0 && length > 2 * keep + SLACK;
    if (!needed.holder().isEmpty() && !isTooLong && !tooOld.equals(EntryId.ZERO)) {
      String from = (needed.isPending() ? "" : "(") + needed.id();
      isTooLong = !Replies.list(redis.call("XRANGE", stream, from, tooOld, "COUNT", 1)).isEmpty();
    }
    return List.of(aged + trimmed, isTooLong ? needed.holder() : "");
  }

  /** Returns null if the group that must exist does not. */
  private static @Nullable Needed needed(Calls redis, byte[] stream, List<byte[]> arguments) {
    Needed lowest = new Needed(EntryId.MAX, false, "");
    boolean isRead = arguments.size() < 5;
    if (!Bytes.raw(arguments.get(3)).equals("acknowledged")) {
      return isRead ? lowest : null;
    }
    for (Object row : Replies.list(redis.call("XINFO", "GROUPS", stream))) {
      Map<String, @Nullable Object> group = Replies.map(row);
      String name = text(group.get("name"));
      isRead |= !isRead && name.equals(Bytes.raw(arguments.get(4)));
      Needed next = new Needed(EntryId.parse(text(group.get("last-delivered-id"))), false, name);
      if (number(group.get("pending")) > 0) {
        List<@Nullable Object> pending = Replies.list(redis.call("XPENDING", stream, name));
        EntryId first = EntryId.parse(text(pending.get(1)));
        next = first.isAfter(next.id()) ? next : new Needed(first, true, name);
      }
      lowest = lowest.id().isAfter(next.id()) ? next : lowest;
    }
    return isRead ? lowest : null;
  }

  private static long length(Calls redis, byte[] stream) {
    return number(redis.call("XLEN", stream));
  }

  private static long number(@Nullable Object reply) {
    return (Long) requireNonNull(reply);
  }

  private static String text(@Nullable Object reply) {
    return requireNonNull(Replies.text(reply));
  }
}
