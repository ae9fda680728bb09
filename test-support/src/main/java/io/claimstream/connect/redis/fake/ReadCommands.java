/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** XREAD and XREADGROUP. Where a real server would block, the test's action runs instead. */
final class ReadCommands {
  private final Keyspace keys;
  private final Clock clock;
  private final Consumer<Duration> wouldBlock;

  ReadCommands(Keyspace keys, Clock clock, Consumer<Duration> wouldBlock) {
    this.keys = keys;
    this.clock = clock;
    this.wouldBlock = wouldBlock;
  }

  void addTo(CommandTable table) {
    table.add("XREAD", -4, a -> read(a, false));
    table.add("XREADGROUP", -7, a -> read(a, true));
  }

  private @Nullable Object read(Arguments a, boolean withGroup) {
    ReadOptions options = ReadOptions.parse(a, withGroup);
    List<@Nullable EntryId> positions = new ArrayList<>();
    for (int i = 0; i < options.keys().size(); i++) {
      positions.add(position(options, i));
    }
    List<Object> streams = serve(options, positions);
    if (streams.isEmpty() && options.block() != null && a.mayBlock()) {
      wouldBlock.accept(options.block());
      streams = serve(options, positions);
    }
    return streams.isEmpty() ? null : streams;
  }

  /** Returns the id above which to read, or null for entries that the group has not delivered. */
  private @Nullable EntryId position(ReadOptions options, int index) {
    String id = options.ids().get(index);
    String group = options.group();
    FakeStream stream = keys.stream(options.keys().get(index));
    if (group != null) {
      group(stream, options, index);
    }
    switch (id) {
      case "$" -> {
        if (group != null) {
          throw new CommandError(
              "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the"
                  + " history of this consumer by specifying a proper ID, or use the > ID to get"
                  + " new messages. The $ ID would just return an empty result set.");
        }
        return stream == null ? EntryId.ZERO : stream.lastId;
      }
      case ">" -> {
        if (group == null) {
          throw new CommandError(
              "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group>"
                  + " <consumer> option.");
        }
        return null;
      }
      default -> {
        return StreamIds.exact(id);
      }
    }
  }

  private static FakeGroup group(@Nullable FakeStream stream, ReadOptions options, int index) {
    FakeGroup group = stream == null ? null : stream.groups.get(options.group());
    if (group == null) {
      throw new CommandError(
          "NOGROUP No such key '"
              + options.keys().get(index)
              + "' or consumer group '"
              + options.group()
              + "' in XREADGROUP with GROUP option");
    }
    return group;
  }

  private List<Object> serve(ReadOptions options, List<@Nullable EntryId> positions) {
    List<Object> served = new ArrayList<>();
    for (int i = 0; i < positions.size(); i++) {
      String key = options.keys().get(i);
      FakeStream stream = keys.stream(key);
      EntryId position = positions.get(i);
      List<Object> entries;
      boolean always = false;
      if (options.group() == null) {
        entries =
            stream == null || position == null || position.equals(EntryId.MAX)
                ? List.of()
                : stream.range(position.next(), EntryId.MAX, options.count(), false);
      } else {
        always = position != null;
        entries = deliver(group(stream, options, i), options, position);
      }
      if (always || !entries.isEmpty()) {
        served.add(List.of(Bytes.of(key), entries));
      }
    }
    return served;
  }

  /** Creates a consumer only if entries are delivered: reading none creates no consumer. */
  private List<Object> deliver(FakeGroup group, ReadOptions options, @Nullable EntryId position) {
    if (position == null && !group.hasNew()) {
      return List.of();
    }
    long now = clock.millis();
    FakeGroup.FakeConsumer consumer = group.see(options.consumer(), now);
    return position == null
        ? group.deliverNew(consumer, options.count(), options.noAck(), now)
        : group.deliverAgain(consumer, position, options.count(), now);
  }
}
