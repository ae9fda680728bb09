/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the raw replies of a {@link RedisConnection}: {@code byte[]}, {@code Long}, {@code List},
 * {@code null} or {@link ErrorReply}.
 */
public final class Replies {

  private Replies() {}

  /**
   * Returns the reply, unless it is an error.
   *
   * @param what the command and key, for the message
   * @throws org.apache.kafka.connect.errors.ConnectException the exception that {@link RedisErrors}
   *     creates for the error
   */
  public static @Nullable Object checked(@Nullable Object reply, Object what) {
    if (reply instanceof ErrorReply error) {
      throw RedisErrors.toException(error.text(), what.toString());
    }
    return reply;
  }

  /** Returns a bulk or simple string as text; null stays null. */
  public static @Nullable String text(@Nullable Object reply) {
    return reply == null ? null : new String((byte[]) reply, StandardCharsets.UTF_8);
  }

  /** Parses a bulk string that contains a stream id. */
  public static EntryId id(Object reply) {
    return EntryId.parse((byte[]) reply);
  }

  /** Returns an array; a null array becomes an empty list. */
  @SuppressWarnings("unchecked")
  public static List<@Nullable Object> list(@Nullable Object reply) {
    return reply == null ? List.of() : (List<@Nullable Object>) reply;
  }

  /** Returns the flat name-value array of {@code XINFO} as a map. */
  public static Map<String, @Nullable Object> map(@Nullable Object reply) {
    List<@Nullable Object> flat = list(reply);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      map.put(String.valueOf(text(flat.get(i))), flat.get(i + 1));
    }
    return map;
  }

  /**
   * Parses the entries of an {@code XRANGE} reply, or of one stream in an {@code XREADGROUP} reply.
   */
  public static List<StreamEntry> entries(@Nullable Object reply) {
    List<@Nullable Object> raw = list(reply);
    List<StreamEntry> entries = new ArrayList<>(raw.size());
    for (Object element : raw) {
      List<@Nullable Object> pair = list(element);
      EntryId id = id(present(pair.get(0)));
      Object body = pair.get(1);
      entries.add(body == null ? StreamEntry.trimmed(id) : new StreamEntry(id, fields(body)));
    }
    return entries;
  }

  /** Parses the entries of an {@code XREAD} or {@code XREADGROUP} reply for a single stream. */
  public static List<StreamEntry> entriesOfOneStream(@Nullable Object reply) {
    List<@Nullable Object> streams = list(reply);
    return streams.isEmpty() ? List.of() : entries(list(streams.get(0)).get(1));
  }

  @SuppressWarnings("unchecked") // a body contains only bulk strings
  private static List<byte[]> fields(Object body) {
    return (List<byte[]>) body;
  }

  private static Object present(@Nullable Object value) {
    if (value == null) {
      throw new IllegalStateException("Redis sent a stream entry without an id");
    }
    return value;
  }
}
