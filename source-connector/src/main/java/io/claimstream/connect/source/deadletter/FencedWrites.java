/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.deadletter;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.Transaction;
import io.claimstream.connect.source.lane.Fences;
import io.claimstream.connect.source.lane.Fences.Fence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Writes that Redis rejects once a newer task owns the consumer they are made for. */
final class FencedWrites {
  private final Fences fences;
  private final EntryOrigin origin;
  private final Runnable whenFenced;
  private @Nullable RedisConnection watching;
  private String watchedFor = "";

  /**
   * Creates the writes of one task.
   *
   * @param whenFenced run before the exception for a fenced task is thrown
   */
  FencedWrites(Fences fences, EntryOrigin origin, Runnable whenFenced) {
    this.fences = fences;
    this.origin = origin;
    this.whenFenced = whenFenced;
  }

  /**
   * Executes commands atomically with Redis' own check that no newer task owns the consumer. The
   * same round trip watches the owner key for the next call.
   */
  List<@Nullable Object> execute(RedisConnection open, String consumer, List<Command> commands) {
    Optional<Fence> fence = fences.of(consumer);
    if (fence.isEmpty()) {
      return Transaction.execute(open, commands).orElseThrow(); // nothing is watched
    }
    List<Command> watch = watch(fence.get());
    List<Command> all = new ArrayList<>();
    all.add(Command.of("MULTI"));
    all.addAll(commands);
    all.add(Command.of("EXEC"));
    int executed = all.size() - 1;
    all.addAll(watch);
    while (true) {
      if (open != watching || !consumer.equals(watchedFor)) {
        check(consumer, fence.get(), replies(watch, open.pipeline(watch)));
      }
      watching = null;
      List<@Nullable Object> replies = replies(all, open.pipeline(all));
      if (isOwner(fence.get(), replies)) {
        watching = open;
        watchedFor = consumer;
      }
      if (replies.get(executed) != null) {
        return Replies.list(replies.get(executed));
      }
    }
  }

  private static List<Command> watch(Fence fence) {
    return List.of(Command.of("WATCH", fence.key()), Command.of("GET", fence.key()));
  }

  /**
   * Checks replies in order: an error while queueing has the reason, the EXECABORT after it does
   * not.
   */
  private static List<@Nullable Object> replies(
      List<Command> commands, List<@Nullable Object> replies) {
    for (int i = 0; i < replies.size(); i++) {
      Replies.checked(replies.get(i), commands.get(i));
    }
    return replies;
  }

  /**
   * Checks that no newer task owns the consumer, for writes that cannot be atomic with that check.
   */
  void confirm(RedisConnection open, String consumer) {
    fences
        .of(consumer)
        .ifPresent(
            fence -> {
              List<Command> watch = watch(fence);
              check(consumer, fence, replies(watch, open.pipeline(watch)));
              watching = open;
              watchedFor = consumer;
            });
  }

  private void check(String consumer, Fence fence, List<@Nullable Object> replies) {
    if (!isOwner(fence, replies)) {
      whenFenced.run();
      throw new ConnectException(
          "consumer '"
              + consumer
              + "' of "
              + origin.group()
              + " is owned by a newer task; this task was fenced and writes no more dead letters");
    }
  }

  /**
   * Whether the last of these replies shows no newer owner. A missing key has no newer owner: the
   * reader writes it again.
   */
  private static boolean isOwner(Fence fence, List<@Nullable Object> replies) {
    return !fence.isTakenBy(Replies.text(replies.get(replies.size() - 1)));
  }
}
