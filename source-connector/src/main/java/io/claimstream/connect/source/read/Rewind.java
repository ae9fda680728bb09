/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, beside the stream, that a lane reads entries again which its offset seems to cover.
 *
 * <p>That happens with several lanes on a stream whose group was lost and made again: an entry
 * below a lane's offset may have been another lane's and never have reached Kafka. Until the lane's
 * offset has passed the point where it went back, a restart must not take the offset's word: it
 * emits what is pending above the floor, perhaps once more, rather than lose it. Task thread only.
 */
final class Rewind {
  private static final Logger LOG = LoggerFactory.getLogger(Rewind.class);

  private final ConsumerGroup group;
  private final String key;
  private final AckTracker tracker;
  private @Nullable Mark mark;

  /**
   * What is remembered.
   *
   * @param floor entries above it may be missing in Kafka
   * @param until once the lane's offset is above it, nothing can be missing any more
   */
  private record Mark(EntryId floor, EntryId until) {
    static @Nullable Mark read(RedisConnection connection, String key) {
      String text = Replies.text(connection.call(Command.of("GET", key)));
      if (text == null) {
        return null;
      }
      int space = text.indexOf(' ');
      return new Mark(
          EntryId.parse(text.substring(0, space)), EntryId.parse(text.substring(space + 1)));
    }

    /** What both say. */
    Mark with(@Nullable Mark other) {
      return other == null
          ? this
          : new Mark(
              floor.isAfter(other.floor) ? other.floor : floor,
              until.isAfter(other.until) ? until : other.until);
    }

    boolean holdsAt(@Nullable EntryId offset) {
      return offset == null || !offset.isAfter(until);
    }

    @Override
    public String toString() {
      return floor + " " + until;
    }
  }

  Rewind(ConsumerGroup group, String consumer, AckTracker tracker) {
    this.group = group;
    this.key = key(group, consumer);
    this.tracker = tracker;
  }

  /**
   * Notes, before a lost group is made again, that lanes may read below their offsets from now on.
   *
   * @param floor where the group is made again
   * @param until the highest id that the stream has
   */
  static void announce(
      RedisConnection connection,
      ConsumerGroup group,
      Collection<String> consumers,
      EntryId floor,
      EntryId until) {
    for (String consumer : consumers) {
      String key = key(group, consumer);
      Mark mark = new Mark(floor, until).with(Mark.read(connection, key));
      connection.call(Command.of("SET", key, mark));
    }
  }

  /** Goes back, after connecting, if that was announced and the offset does not show it is done. */
  void restore(RedisConnection connection) {
    Mark announced = Mark.read(connection, key);
    if (announced != null && !announced.equals(mark) && announced.holdsAt(tracker.safePosition())) {
      tracker.rewindBefore(announced.floor().next());
    }
    mark = announced;
  }

  /** How far a lane's entries are in Kafka for certain, by its offset and what is remembered. */
  static EntryId position(
      RedisConnection connection, ConsumerGroup group, String consumer, EntryId offset) {
    Mark mark = Mark.read(connection, key(group, consumer));
    return mark != null && mark.holdsAt(offset) && offset.isAfter(mark.floor())
        ? mark.floor()
        : offset;
  }

  private static String key(ConsumerGroup group, String consumer) {
    return SlotKeys.sibling(group.stream(), "rewind", group.name() + ':' + consumer);
  }

  /** Looks at a new entry, before it is judged: below the last emitted one, the lane goes back. */
  void newEntry(RedisConnection connection, EntryId id) {
    EntryId position = tracker.safePosition();
    if (mark != null && position != null && position.isAfter(mark.until())) {
      connection.call(Command.of("DEL", key));
      mark = null;
    }
    EntryId last = tracker.lastEmitted();
    if (last == null || id.isAfter(last)) {
      return;
    }
    mark = new Mark(id.previous(), last).with(Mark.read(connection, key));
    connection.call(Command.of("SET", key, mark));
    tracker.rewindBefore(id);
    LOG.warn(
        "{} was made again for another lane: reading on from {} though this lane's offset is {}."
            + " With several lanes entries may come twice then.",
        group,
        id,
        last);
  }
}
