/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.lane.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The times at which Redis forgot the end of a stream that one consumer reads. Ids above that end
 * may be handed out again, so each time begins an epoch, and the number of the epoch is part of
 * Connect's offset: an offset of a former epoch says nothing about the ids above the floor of a
 * later one. The floors are kept in a key beside the stream. Task thread only.
 */
public final class StreamEpochs {
  /** As many times Redis may forget before an offset of the first one repeats a little. */
  private static final int MOST = 16;

  private final String key;
  private List<Epoch> epochs = List.of();
  private boolean resumed;

  /** One epoch: what lies above the floor is of it, or of a later one. */
  private record Epoch(long number, EntryId floor) {
    @Override
    public String toString() {
      return number + " " + floor;
    }
  }

  /** The epochs of what the first consumer of a stream reads alone. */
  public StreamEpochs(ConsumerGroup group, String connector) {
    this.key = key(group, connector);
  }

  private static String key(ConsumerGroup group, String connector) {
    return SlotKeys.sibling(group.stream(), "epoch", group.name(), Lane.consumer(connector, 0));
  }

  /** Forgets them: for when all offsets are given anew. */
  public static void forget(RedisConnection connection, ConsumerGroup group, String connector) {
    connection.call(Command.of("DEL", key(group, connector)));
  }

  /** Lets Connect's offset mean what it can, at the first connection of a task. */
  void resume(RedisConnection connection, AckTracker tracker) {
    if (!resumed) {
      // all are kept: a task that hung since its start may come with an offset of long ago
      epochs = parse(Replies.text(connection.call(Command.of("GET", key))));
      long known = tracker.epoch();
      epochs.stream()
          .filter(epoch -> epoch.number() > known)
          .forEach(epoch -> tracker.restartAfter(epoch.floor(), epoch.number()));
      resumed = true;
    }
  }

  private static List<Epoch> parse(@Nullable String text) {
    List<Epoch> parsed = new ArrayList<>();
    String[] words = text == null || text.isEmpty() ? new String[0] : text.split(" ", -1);
    for (int i = 0; i + 1 < words.length; i += 2) {
      parsed.add(new Epoch(Long.parseLong(words[i]), EntryId.parse(words[i + 1])));
    }
    return parsed;
  }

  /** Writes them again where they are not what this task knows: nothing, if they are. */
  List<Command> rewrite(RedisConnection connection) {
    String stored = Replies.text(connection.call(Command.of("GET", key)));
    return text(epochs).equals(stored == null ? "" : stored)
        ? List.of()
        : List.of(Command.of("SET", key, text(epochs)));
  }

  private static String text(List<Epoch> some) {
    return some.stream().map(Epoch::toString).collect(Collectors.joining(" "));
  }

  /** The epoch that would come next. */
  long next(AckTracker tracker) {
    return epochs.stream().mapToLong(Epoch::number).reduce(tracker.epoch(), Math::max) + 1;
  }

  /** Writes one that begins; it has begun when {@link #began} was called. */
  Command begin(long number, EntryId floor) {
    return Command.of("SET", key, text(with(number, floor)));
  }

  void began(long number, EntryId floor) {
    epochs = with(number, floor);
  }

  private List<Epoch> with(long number, EntryId floor) {
    List<Epoch> all = new ArrayList<>(epochs);
    all.add(new Epoch(number, floor));
    if (all.size() > MOST) {
      Epoch oldest = all.remove(0);
      Epoch second = all.get(0);
      if (second.floor().isAfter(oldest.floor())) {
        all.set(0, new Epoch(second.number(), oldest.floor()));
      }
    }
    return List.copyOf(all);
  }
}
