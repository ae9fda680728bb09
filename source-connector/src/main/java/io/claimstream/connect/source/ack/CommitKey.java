/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.client.StateVersion;
import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.Optional;

/**
 * Store of a consumer's {@link LastCommit}, in a key in the slot of the stream. A broker can answer
 * that a transaction is committed and lose it nevertheless (KAFKA-20734), after Redis has dropped
 * what was acknowledged because of it; the key shows that at the next start.
 *
 * @param name the key
 */
public record CommitKey(String name) {

  /** Returns the key of a consumer. */
  public static CommitKey of(ConsumerGroup group, String consumer) {
    return new CommitKey(SlotKeys.sibling(group.stream(), "commit", group.name(), consumer));
  }

  /** Returns the command that stores the last commit. */
  Command set(LastCommit last) {
    return Command.of("SET", name, last);
  }

  /**
   * Reads the stored commit; empty if there is none.
   *
   * @throws io.claimstream.connect.redis.error.RedisConfigurationException if the value is of a
   *     newer format, or another program's
   */
  public Optional<LastCommit> read(RedisConnection connection) {
    String text = Replies.text(connection.call(Command.of("GET", name)));
    return Optional.ofNullable(
        StateVersion.parse(name, text, known -> known == null ? null : LastCommit.parse(known)));
  }

  /** Deletes the stored commit, when the consumer's offset is changed on request. */
  public void forget(RedisConnection connection) {
    connection.call(Command.of("DEL", name));
  }
}
