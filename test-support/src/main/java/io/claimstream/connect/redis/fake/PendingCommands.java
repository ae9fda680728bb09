/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.fake.FakeGroup.FakeConsumer;
import io.claimstream.connect.redis.fake.FakeGroup.Pending;
import io.claimstream.connect.redis.stream.EntryId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Commands that list pending entries or transfer them to another consumer. */
final class PendingCommands {
  private final Keyspace keys;
  private final Clock clock;

  PendingCommands(Keyspace keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  void addTo(CommandTable table) {
    table.add("XPENDING", -3, this::pending);
    table.add("XCLAIM", -6, this::claim);
    table.add("XAUTOCLAIM", -6, this::autoClaim);
  }

  private Object pending(Arguments a) {
    if (a.size() == 2) {
      return summary(group(a));
    }
    boolean withIdle = a.option(2).equals("IDLE");
    long minIdle = withIdle ? a.number(3) : 0;
    int range = withIdle ? 4 : 2;
    if (a.size() < range + 3 || a.size() > range + 4) {
      throw CommandError.syntax();
    }
    long count = Math.max(0, a.number(range + 2));
    EntryId start = StreamIds.rangeStart(a.raw(range));
    EntryId end = StreamIds.rangeEnd(a.raw(range + 1));
    FakeGroup group = group(a);
    List<Object> rows = new ArrayList<>();
    for (Map.Entry<EntryId, Pending> entry : group.pending.tailMap(start, true).entrySet()) {
      if (rows.size() >= count || entry.getKey().isAfter(end)) {
        break;
      }
      Pending pending = entry.getValue();
      long idle = idle(pending);
      boolean asked = a.size() == range + 3 || a.raw(range + 3).equals(pending.consumer);
      if (asked && idle >= minIdle) {
        rows.add(
            List.of(
                Bytes.of(entry.getKey()), Bytes.of(pending.consumer), idle, pending.deliveries));
      }
    }
    return rows;
  }

  private static Object summary(FakeGroup group) {
    if (group.pending.isEmpty()) {
      return Arrays.asList(0L, null, null, null);
    }
    List<Object> perConsumer = new ArrayList<>();
    for (String consumer : group.consumers.keySet()) {
      long pending = group.pendingOf(consumer);
      if (pending > 0) {
        perConsumer.add(List.of(Bytes.of(consumer), Bytes.of(pending)));
      }
    }
    return List.of(
        (long) group.pending.size(),
        Bytes.of(group.pending.firstKey()),
        Bytes.of(group.pending.lastKey()),
        perConsumer);
  }

  private Object claim(Arguments a) {
    FakeStream stream = keys.stream(a.raw(0));
    FakeGroup group = group(a);
    ClaimOptions options = ClaimOptions.parse(a, clock.millis());
    if (options.lastId() != null && options.lastId().isAfter(group.lastDelivered)) {
      group.lastDelivered = options.lastId();
    }
    List<Object> claimed = new ArrayList<>();
    for (EntryId id : options.ids()) {
      if (stream == null || !stream.entries.containsKey(id)) {
        group.pending.remove(id);
        continue;
      }
      Pending pending = group.pending.get(id);
      if (pending == null ? !options.force() : idle(pending) < options.minIdle()) {
        continue;
      }
      FakeConsumer consumer = group.see(a.raw(2), clock.millis());
      long deliveries = pending == null ? 1 : pending.deliveries;
      group.pending.put(
          id,
          new Pending(consumer.name, options.deliveredAt(), options.deliveriesAfter(deliveries)));
      claimed.add(options.justId() ? Bytes.of(id) : stream.reply(id));
    }
    return claimed;
  }

  private Object autoClaim(Arguments a) {
    long minIdle = ClaimOptions.minIdle(a, 3);
    EntryId start = StreamIds.rangeStart(a.raw(4));
    long count = 100;
    boolean justId = false;
    for (int i = 5; i < a.size(); i++) {
      switch (a.option(i)) {
        case "COUNT" -> {
          count = a.number(++i);
          if (count < 1) {
            throw new CommandError("ERR COUNT must be > 0");
          }
        }
        case "JUSTID" -> justId = true;
        default -> throw CommandError.syntax();
      }
    }
    FakeStream stream = keys.stream(a.raw(0));
    FakeGroup group = group(a);
    List<Object> claimed = new ArrayList<>();
    List<Object> deleted = new ArrayList<>();
    EntryId cursor = EntryId.ZERO;
    long attempts = count * 10;
    for (EntryId id : List.copyOf(group.pending.tailMap(start, true).keySet())) {
      if (attempts-- == 0 || claimed.size() + deleted.size() == count) {
        cursor = id;
        break;
      }
      Pending pending = group.pendingAt(id);
      if (stream == null || !stream.entries.containsKey(id)) {
        group.pending.remove(id);
        deleted.add(Bytes.of(id));
      } else if (idle(pending) >= minIdle) {
        pending.consumer = group.see(a.raw(2), clock.millis()).name;
        pending.deliveredAt = clock.millis();
        pending.deliveries += justId ? 0 : 1;
        claimed.add(justId ? Bytes.of(id) : stream.reply(id));
      }
    }
    return List.of(Bytes.of(cursor), claimed, deleted);
  }

  private FakeGroup group(Arguments a) {
    FakeStream stream = keys.stream(a.raw(0));
    FakeGroup group = stream == null ? null : stream.groups.get(a.raw(1));
    if (group == null) {
      throw new CommandError(
          "NOGROUP No such key '" + a.raw(0) + "' or consumer group '" + a.raw(1) + "'");
    }
    return group;
  }

  private long idle(Pending pending) {
    return Math.max(0, clock.millis() - pending.deliveredAt);
  }
}
