/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** XGROUP and XACK. */
final class GroupCommands {
  private final Keyspace keys;
  private final Clock clock;

  GroupCommands(Keyspace keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  void addTo(CommandTable table) {
    table.add("XGROUP", "CREATE", -5, this::create);
    table.add("XGROUP", "SETID", -5, this::setPosition);
    table.add("XGROUP", "DESTROY", 4, a -> existing(a).groups.remove(a.raw(2)) == null ? 0L : 1L);
    table.add("XGROUP", "CREATECONSUMER", 5, this::createConsumer);
    table.add("XGROUP", "DELCONSUMER", 5, this::deleteConsumer);
    table.add("XACK", -4, this::acknowledge);
  }

  private Object create(Arguments a) {
    boolean makeStream = false;
    Long entriesRead = null;
    for (int i = 4; i < a.size(); i++) {
      switch (a.option(i)) {
        case "MKSTREAM" -> makeStream = true;
        case "ENTRIESREAD" -> entriesRead = entriesRead(a, ++i);
        default -> throw CommandError.syntax();
      }
    }
    FakeStream stream = keys.stream(a.raw(1));
    if (stream == null && !makeStream) {
      throw missingKey();
    }
    EntryId position = position(a, stream);
    stream = keys.makeStream(a.raw(1));
    if (stream.groups.containsKey(a.raw(2))) {
      throw new CommandError("BUSYGROUP Consumer Group name already exists");
    }
    stream.groups.put(a.raw(2), new FakeGroup(stream, position, entriesRead));
    return Bytes.of("OK");
  }

  private Object setPosition(Arguments a) {
    Long entriesRead = null;
    for (int i = 4; i < a.size(); i++) {
      if (!a.option(i).equals("ENTRIESREAD")) {
        throw CommandError.syntax();
      }
      entriesRead = entriesRead(a, ++i);
    }
    FakeStream stream = existing(a);
    FakeGroup group = existing(stream, a);
    group.lastDelivered = position(a, stream);
    group.entriesRead = entriesRead;
    return Bytes.of("OK");
  }

  private Object createConsumer(Arguments a) {
    FakeGroup group = existing(existing(a), a);
    boolean isNew = !group.consumers.containsKey(a.raw(3));
    group.see(a.raw(3), clock.millis());
    return isNew ? 1L : 0L;
  }

  private Object deleteConsumer(Arguments a) {
    FakeGroup group = existing(existing(a), a);
    long pending = group.pendingOf(a.raw(3));
    group.pending.values().removeIf(entry -> entry.consumer.equals(a.raw(3)));
    group.consumers.remove(a.raw(3));
    return pending;
  }

  private Object acknowledge(Arguments a) {
    FakeStream stream = keys.stream(a.raw(0));
    FakeGroup group = stream == null ? null : stream.groups.get(a.raw(1));
    if (group == null) {
      return 0L;
    }
    List<EntryId> ids = a.from(2).stream().map(id -> StreamIds.exact(Bytes.raw(id))).toList();
    return ids.stream().filter(id -> group.pending.remove(id) != null).count();
  }

  private FakeStream existing(Arguments a) {
    FakeStream stream = keys.stream(a.raw(1));
    if (stream == null) {
      throw missingKey();
    }
    return stream;
  }

  private static FakeGroup existing(FakeStream stream, Arguments a) {
    FakeGroup group = stream.groups.get(a.raw(2));
    if (group == null) {
      throw CommandError.noGroup(a.raw(1), a.raw(2));
    }
    return group;
  }

  private static EntryId position(Arguments a, @Nullable FakeStream stream) {
    if (!a.raw(3).equals("$")) {
      return StreamIds.exact(a.raw(3));
    }
    return stream == null ? EntryId.ZERO : stream.lastId;
  }

  private static @Nullable Long entriesRead(Arguments a, int index) {
    long value = a.number(index);
    if (value < -1) {
      throw new CommandError("ERR value for ENTRIESREAD must be positive or -1");
    }
    return value == -1 ? null : Long.valueOf(value);
  }

  private static CommandError missingKey() {
    return new CommandError(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to"
            + " use the MKSTREAM option to create an empty stream automatically.");
  }
}
