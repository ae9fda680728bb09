/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A consumer group: its last-delivered id, consumers and pending entries. */
final class FakeGroup {
  final NavigableMap<EntryId, Pending> pending = new TreeMap<>();
  final NavigableMap<String, FakeConsumer> consumers = new TreeMap<>();
  private final FakeStream stream;
  EntryId lastDelivered;
  @Nullable Long entriesRead;

  FakeGroup(FakeStream stream, EntryId lastDelivered, @Nullable Long entriesRead) {
    this.stream = stream;
    this.lastDelivered = lastDelivered;
    this.entriesRead = entriesRead;
  }

  FakeGroup copyFor(FakeStream owner) {
    FakeGroup copy = new FakeGroup(owner, lastDelivered, entriesRead);
    pending.forEach(
        (id, entry) ->
            copy.pending.put(id, new Pending(entry.consumer, entry.deliveredAt, entry.deliveries)));
    consumers.values().forEach(consumer -> copy.see(consumer.name, consumer.seen));
    return copy;
  }

  /** Finds or creates a consumer and updates its seen time. */
  FakeConsumer see(String name, long now) {
    FakeConsumer consumer = consumers.computeIfAbsent(name, FakeConsumer::new);
    consumer.seen = now;
    return consumer;
  }

  boolean hasNew() {
    return stream.entries.higherKey(lastDelivered) != null;
  }

  /** Delivers the next new entries. */
  List<Object> deliverNew(FakeConsumer consumer, long count, boolean noAck, long now) {
    List<Object> replies = new ArrayList<>();
    for (EntryId id :
        stream.entries.tailMap(lastDelivered, false).keySet().stream().limit(count).toList()) {
      advanceTo(id);
      if (!noAck) {
        pending.put(id, new Pending(consumer.name, now, 1));
      }
      replies.add(stream.reply(id));
    }
    return replies;
  }

  /** Returns the consumer's pending entries above an id; a trimmed entry does not count. */
  List<Object> deliverAgain(FakeConsumer consumer, EntryId above, long count, long now) {
    List<Object> replies = new ArrayList<>();
    for (EntryId id : ownedBy(consumer.name, above, count)) {
      if (stream.entries.containsKey(id)) {
        Pending entry = pendingAt(id);
        entry.deliveredAt = now;
        entry.deliveries++;
      }
      replies.add(stream.reply(id));
    }
    return replies;
  }

  private List<EntryId> ownedBy(String consumer, EntryId above, long count) {
    return pending.tailMap(above, false).entrySet().stream()
        .filter(e -> e.getValue().consumer.equals(consumer))
        .limit(count)
        .map(e -> e.getKey())
        .toList();
  }

  Pending pendingAt(EntryId id) {
    Pending entry = pending.get(id);
    if (entry == null) {
      throw new IllegalStateException(id + " is not pending");
    }
    return entry;
  }

  long pendingOf(String consumer) {
    return pending.values().stream().filter(p -> p.consumer.equals(consumer)).count();
  }

  private void advanceTo(EntryId id) {
    if (entriesRead != null
        && !stream.hasTombstonesFrom(id)
        && !stream.skipsTrimmed(lastDelivered)) {
      entriesRead = entriesRead + 1;
    } else {
      entriesRead = stream.addedUpTo(id);
    }
    lastDelivered = id;
  }

  /** Returns how many entries remain to be delivered, or null if that is unknown. */
  @Nullable Long lag() {
    if (stream.added == 0) {
      return 0L;
    }
    if (stream.skipsTrimmed(lastDelivered)) {
      return (long) stream.entries.size();
    }
    Long read =
        entriesRead != null && !stream.hasTombstonesFrom(lastDelivered)
            ? entriesRead
            : stream.addedUpTo(lastDelivered);
    return read == null ? null : Long.valueOf(stream.added - read);
  }

  /** A delivered entry that is not acknowledged. */
  static final class Pending {
    String consumer;
    long deliveredAt;
    long deliveries;

    Pending(String consumer, long deliveredAt, long deliveries) {
      this.consumer = consumer;
      this.deliveredAt = deliveredAt;
      this.deliveries = deliveries;
    }
  }

  /** A consumer and when it last read or claimed, in milliseconds since the epoch. */
  static final class FakeConsumer {
    final String name;
    long seen;

    FakeConsumer(String name) {
      this.name = name;
    }
  }
}
