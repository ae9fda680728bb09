/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A stream with its entries and groups. */
final class FakeStream {
  final NavigableMap<EntryId, List<byte[]>> entries = new TreeMap<>();
  final NavigableMap<String, FakeGroup> groups = new TreeMap<>();
  EntryId lastId = EntryId.ZERO;
  EntryId maxDeleted = EntryId.ZERO;
  long added;
  private final boolean countsTrimmedAsRead;

  FakeStream(boolean countsTrimmedAsRead) {
    this.countsTrimmedAsRead = countsTrimmedAsRead;
  }

  FakeStream copy() {
    FakeStream copy = new FakeStream(countsTrimmedAsRead);
    copy.entries.putAll(entries);
    copy.lastId = lastId;
    copy.maxDeleted = maxDeleted;
    copy.added = added;
    groups.forEach((name, group) -> copy.groups.put(name, group.copyFor(copy)));
    return copy;
  }

  void add(EntryId id, List<byte[]> fields) {
    if (id.compareTo(lastId) <= 0) {
      throw new CommandError(
          "ERR The ID specified in XADD is equal or smaller than the target stream top item");
    }
    entries.put(id, fields);
    lastId = id;
    added++;
  }

  /** Deletes one entry as XDEL does, leaving a tombstone. */
  boolean delete(EntryId id) {
    boolean deleted = entries.remove(id) != null;
    if (deleted && id.isAfter(maxDeleted)) {
      maxDeleted = id;
    }
    return deleted;
  }

  /** Returns the entries of a range, both ends inclusive, at most count of them. */
  List<Object> range(EntryId from, EntryId to, long count, boolean reverse) {
    List<Object> replies = new ArrayList<>();
    if (from.isAfter(to)) {
      return replies;
    }
    NavigableMap<EntryId, List<byte[]>> range = entries.subMap(from, true, to, true);
    for (Map.Entry<EntryId, List<byte[]>> entry :
        (reverse ? range.descendingMap() : range).entrySet()) {
      if (replies.size() >= count) {
        break;
      }
      replies.add(reply(entry.getKey(), entry.getValue()));
    }
    return replies;
  }

  /** Returns the reply for one entry; its body is null if it was trimmed. */
  Object reply(EntryId id) {
    return reply(id, entries.get(id));
  }

  private static Object reply(EntryId id, @Nullable List<byte[]> fields) {
    return Arrays.asList(Bytes.of(id), fields);
  }

  EntryId firstId() {
    return entries.isEmpty() ? EntryId.ZERO : entries.firstKey();
  }

  /** Returns whether a group at that id goes on at the first entry, whatever was before it. */
  boolean skipsTrimmed(EntryId id) {
    return countsTrimmedAsRead && id.compareTo(firstId()) < 0;
  }

  /** Returns whether an entry from that id on may have been deleted. */
  boolean hasTombstonesFrom(EntryId id) {
    return !entries.isEmpty()
        && !firstId().isAfter(maxDeleted)
        && !maxDeleted.equals(EntryId.ZERO)
        && !id.isAfter(maxDeleted);
  }

  /** Returns how many entries were ever added up to that id, or null if that is unknown. */
  @Nullable Long addedUpTo(EntryId id) {
    if (added == 0) {
      return 0L;
    }
    int toLast = id.compareTo(lastId);
    if (toLast == 0 || (toLast < 0 && entries.isEmpty())) {
      return added;
    }
    if (toLast > 0) {
      return null;
    }
    if (maxDeleted.equals(EntryId.ZERO) || maxDeleted.compareTo(firstId()) < 0) {
      int toFirst = id.compareTo(firstId());
      if (toFirst < 0) {
        return added - entries.size();
      }
      if (toFirst == 0) {
        return added - entries.size() + 1;
      }
    }
    return null;
  }
}
