/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** XINFO STREAM, GROUPS and CONSUMERS, with the names of Redis 7.0. */
final class InfoCommands {
  private final Keyspace keys;
  private final Clock clock;

  InfoCommands(Keyspace keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  void addTo(CommandTable table) {
    table.add("XINFO", "STREAM", 3, a -> stream(existing(a)));
    table.add("XINFO", "GROUPS", 3, a -> groups(existing(a)));
    table.add("XINFO", "CONSUMERS", 4, a -> consumers(existing(a), a));
  }

  private FakeStream existing(Arguments a) {
    FakeStream stream = keys.stream(a.raw(1));
    if (stream == null) {
      throw new CommandError("ERR no such key");
    }
    return stream;
  }

  private static Object stream(FakeStream stream) {
    boolean empty = stream.entries.isEmpty();
    return row(
        "length",
        (long) stream.entries.size(),
        "radix-tree-keys",
        empty ? 0L : 1L,
        "radix-tree-nodes",
        empty ? 1L : 2L,
        "last-generated-id",
        Bytes.of(stream.lastId),
        "max-deleted-entry-id",
        Bytes.of(stream.maxDeleted),
        "entries-added",
        stream.added,
        "recorded-first-entry-id",
        Bytes.of(stream.firstId()),
        "groups",
        (long) stream.groups.size(),
        "first-entry",
        empty ? null : stream.reply(stream.entries.firstKey()),
        "last-entry",
        empty ? null : stream.reply(stream.entries.lastKey()));
  }

  private static Object groups(FakeStream stream) {
    List<Object> rows = new ArrayList<>();
    stream.groups.forEach(
        (name, group) ->
            rows.add(
                row(
                    "name",
                    Bytes.of(name),
                    "consumers",
                    (long) group.consumers.size(),
                    "pending",
                    (long) group.pending.size(),
                    "last-delivered-id",
                    Bytes.of(group.lastDelivered),
                    "entries-read",
                    group.entriesRead,
                    "lag",
                    group.lag())));
    return rows;
  }

  private Object consumers(FakeStream stream, Arguments a) {
    FakeGroup group = stream.groups.get(a.raw(2));
    if (group == null) {
      throw CommandError.noGroup(a.raw(1), a.raw(2));
    }
    List<Object> rows = new ArrayList<>();
    for (FakeGroup.FakeConsumer consumer : group.consumers.values()) {
      rows.add(
          row(
              "name", Bytes.of(consumer.name),
              "pending", group.pendingOf(consumer.name),
              "idle", Math.max(0, clock.millis() - consumer.seen)));
    }
    return rows;
  }

  /** Returns names and values, alternating, with the names as bytes. */
  private static List<@Nullable Object> row(@Nullable Object... namesAndValues) {
    List<@Nullable Object> row = new ArrayList<>(Arrays.asList(namesAndValues));
    row.replaceAll(value -> value instanceof String name ? Bytes.of(name) : value);
    return row;
  }
}
