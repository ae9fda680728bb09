/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Epochs of a stream that one consumer reads; an epoch begins each time Redis loses the end of the
 * stream. Redis may assign ids above that end again, so the number of the epoch is part of
 * Connect's offset: an offset of an earlier epoch does not apply to ids above the floor of a later
 * one. The floors are stored in a key in the slot of the stream. Task thread only.
 */
public final class StreamEpochs {
  /** Maximum stored epochs; an offset from before the oldest one causes some duplicates. */
  private static final int MOST = 16;

  private final String key;
  private List<Epoch> epochs = List.of();
  private boolean resumed;

  /** Epoch: ids above its floor belong to it or to a later epoch. */
  private record Epoch(long number, EntryId floor) {
    @Override
    public String toString() {
      return number + " " + floor;
    }
  }

  /** Creates the epochs of a stream that a single consumer reads. */
  public StreamEpochs(ConsumerGroup group, String connector) {
    this.key = key(group, connector);
  }

  private static String key(ConsumerGroup group, String connector) {
    return SlotKeys.sibling(group.stream(), "epoch", group.name(), Lane.consumer(connector, 0));
  }

  /** Deletes the epochs, when all offsets are reset. */
  public static void forget(RedisConnection connection, ConsumerGroup group, String connector) {
    connection.call(Command.of("DEL", key(group, connector)));
  }

  /**
   * Loads the epochs at a task's first connection and moves the tracker back where Connect's offset
   * is of an earlier epoch.
   */
  void resume(RedisConnection connection, AckTracker tracker) {
    if (!resumed) {
      // keep all epochs: a task that hung since its start may have a very old offset
      epochs =
          StateVersion.parse(
              key, Replies.text(connection.call(Command.of("GET", key))), StreamEpochs::parse);
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

  /**
   * Returns the command that restores the stored epochs if they differ from those of this task;
   * none if they are equal.
   */
  List<Command> rewrite(RedisConnection connection) {
    String stored = Replies.text(connection.call(Command.of("GET", key)));
    StateVersion.check("key " + key, stored);
    return text(epochs).equals(stored == null ? "" : stored)
        ? List.of()
        : List.of(Command.of("SET", key, text(epochs)));
  }

  private static String text(List<Epoch> some) {
    return some.stream().map(Epoch::toString).collect(Collectors.joining(" "));
  }

  /** Returns the number of the next epoch. */
  long next(AckTracker tracker) {
    return epochs.stream().mapToLong(Epoch::number).reduce(tracker.epoch(), Math::max) + 1;
  }

  /** Returns the command that stores a new epoch; call {@link #began} once it was executed. */
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
