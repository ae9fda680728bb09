/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Clock;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Commands of streams without groups, except the reads that may block. */
final class StreamCommands {
  private final Keyspace keys;
  private final Clock clock;
  private final IntSupplier node;

  /**
   * Creates the commands.
   *
   * @param node the number of entries of a node
   */
  StreamCommands(Keyspace keys, Clock clock, IntSupplier node) {
    this.keys = keys;
    this.clock = clock;
    this.node = node;
  }

  void addTo(CommandTable table) {
    table.add("XADD", -5, this::add);
    table.add("XLEN", 2, this::length);
    table.add("XRANGE", -4, a -> range(a, a.raw(1), a.raw(2), false));
    table.add("XREVRANGE", -4, a -> range(a, a.raw(2), a.raw(1), true));
    table.add("XDEL", -3, this::delete);
    table.add("XTRIM", -4, this::trim);
  }

  private @Nullable Object add(Arguments a) {
    int index = 1;
    boolean makeStream = true;
    Trimming trimming = null;
    while (true) {
      if (a.option(index).equals("NOMKSTREAM")) {
        makeStream = false;
        index++;
      } else if (Trimming.startsAt(a, index)) {
        trimming = Trimming.parse(a, index, node.getAsInt());
        index += trimming.words();
      } else {
        break;
      }
    }
    String idText = a.raw(index);
    List<byte[]> fields = a.from(index + 1);
    a.require(!fields.isEmpty() && fields.size() % 2 == 0);
    StreamIds.checkNewEntry(idText);
    String key = a.raw(0);
    FakeStream stream = keys.stream(key);
    EntryId id = StreamIds.forNewEntry(idText, clock.millis(), stream);
    if (stream == null && !makeStream) {
      return null;
    }
    stream = keys.makeStream(key);
    stream.add(id, fields);
    if (trimming != null) {
      trimming.trim(stream);
    }
    keys.touch(key);
    return Bytes.of(id);
  }

  private Object length(Arguments a) {
    FakeStream stream = keys.stream(a.raw(0));
    return stream == null ? 0L : (long) stream.entries.size();
  }

  private @Nullable Object range(Arguments a, String from, String to, boolean reverse) {
    EntryId start = StreamIds.rangeStart(from);
    EntryId end = StreamIds.rangeEnd(to);
    long count = Long.MAX_VALUE;
    if (a.size() > 3) {
      if (a.size() != 5 || !a.option(3).equals("COUNT")) {
        throw CommandError.syntax();
      }
      count = Math.max(0, a.number(4));
    }
    FakeStream stream = keys.stream(a.raw(0));
    if (stream == null) {
      return List.of();
    }
    return count == 0 ? null : stream.range(start, end, count, reverse);
  }

  private Object delete(Arguments a) {
    FakeStream stream = keys.stream(a.raw(0));
    if (stream == null) {
      return 0L;
    }
    List<EntryId> ids = a.from(1).stream().map(id -> StreamIds.exact(Bytes.raw(id))).toList();
    long deleted = ids.stream().filter(stream::delete).count();
    if (deleted > 0) {
      keys.touch(a.raw(0));
    }
    return deleted;
  }

  private Object trim(Arguments a) {
    if (!Trimming.startsAt(a, 1)) {
      throw CommandError.syntax();
    }
    Trimming trimming = Trimming.parse(a, 1, node.getAsInt());
    if (1 + trimming.words() != a.size()) {
      throw CommandError.syntax();
    }
    FakeStream stream = keys.stream(a.raw(0));
    long trimmed = stream == null ? 0 : trimming.trim(stream);
    if (trimmed > 0) {
      keys.touch(a.raw(0));
    }
    return trimmed;
  }
}
