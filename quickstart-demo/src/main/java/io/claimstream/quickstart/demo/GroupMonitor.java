/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads the state of the source connector's consumer group. Used by one thread. */
final class GroupMonitor implements AutoCloseable {
  static final String GROUP = "claims-processors";

  private final RedisSession session;

  GroupMonitor(RedisConnections redis) {
    session = new RedisSession(redis, ClaimProducer.STREAM);
  }

  /**
   * The state of the group in Redis.
   *
   * @param lag entries not yet delivered to the group; empty if the server does not report it
   * @param pending entries delivered but not yet acknowledged
   */
  record Group(OptionalLong lag, long pending) {
    @Override
    public String toString() {
      String unread = lag.isPresent() ? String.format(Locale.ROOT, "%,d", lag.getAsLong()) : "?";
      return String.format(Locale.ROOT, "lag %s, pending %,d", unread, pending);
    }
  }

  /**
   * Returns the current state; empty until the group is created.
   *
   * @throws io.claimstream.connect.redis.error.RedisOutageException if Redis does not reply
   */
  Optional<Group> group() {
    return session.call(GroupMonitor::group);
  }

  private static Optional<Group> group(RedisConnection connection) {
    Command command = Command.of("XINFO", "GROUPS", ClaimProducer.STREAM);
    Object reply = connection.pipeline(List.of(command)).get(0);
    if (reply instanceof ErrorReply error && error.text().contains("no such key")) {
      return Optional.empty();
    }
    return Replies.list(Replies.checked(reply, command)).stream()
        .map(Replies::map)
        .filter(info -> GROUP.equals(Replies.text(info.get("name"))))
        .map(GroupMonitor::group)
        .findFirst();
  }

  private static Group group(Map<String, @Nullable Object> info) {
    return new Group(
        info.get("lag") instanceof Long lag ? OptionalLong.of(lag) : OptionalLong.empty(),
        info.get("pending") instanceof Long pending ? pending : 0);
  }

  @Override
  public void close() {
    session.close();
  }
}
