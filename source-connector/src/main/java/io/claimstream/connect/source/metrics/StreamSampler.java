/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.metrics.MemoryUse;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Sampler of the state of a stream and its group. Its commands are sent along with others, every
 * few seconds. Values that the user has no permission for stay unknown.
 */
final class StreamSampler {
  /**
   * State of a stream and its group at one moment.
   *
   * @param length entries in the stream; empty if the user has no permission for XLEN
   * @param lag entries that the group has not read yet; empty if Redis does not report it
   * @param pending pending entries of all consumers of the group; empty if the group is lost
   * @param oldestPending the lowest pending id; null if nothing is pending
   * @param memory used memory as a fraction of maxmemory; empty if there is no limit or Redis does
   *     not report it
   */
  record Sample(
      OptionalLong length,
      OptionalLong lag,
      OptionalLong pending,
      @Nullable EntryId oldestPending,
      OptionalDouble memory) {}

  private final ConsumerGroup group;

  /** Not requested again once refused, because Redis logs every refusal. */
  private boolean isMemoryRefused;

  StreamSampler(ConsumerGroup group) {
    this.group = group;
  }

  List<Command> commands() {
    List<Command> commands =
        new ArrayList<>(
            List.of(
                Command.of("XLEN", group.stream()), group.infoCommand(), group.pendingCommand()));
    if (!isMemoryRefused) {
      commands.add(MemoryUse.command());
    }
    return commands;
  }

  /** Parses the replies to the commands. */
  Sample sample(List<@Nullable Object> replies) {
    Object memory = replies.size() > 3 ? replies.get(3) : null;
    isMemoryRefused |= memory instanceof ErrorReply;
    List<@Nullable Object> pending =
        replies.get(2) instanceof List<?> ? Replies.list(replies.get(2)) : List.of();
    return new Sample(
        number(replies.get(0)),
        lag(replies.get(1)),
        pending.isEmpty() ? OptionalLong.empty() : number(pending.get(0)),
        pending.size() < 2 || pending.get(1) == null ? null : Replies.id(pending.get(1)),
        MemoryUse.ratio(memory));
  }

  private OptionalLong lag(@Nullable Object groups) {
    if (groups instanceof List<?>) {
      for (Object each : Replies.list(groups)) {
        Map<String, @Nullable Object> info = Replies.map(each);
        if (group.name().equals(Replies.text(info.get("name")))) {
          return number(info.get("lag"));
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong number(@Nullable Object reply) {
    return reply instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
  }
}
