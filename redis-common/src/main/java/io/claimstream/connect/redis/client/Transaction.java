/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Commands that Redis executes in one step, and only if no key that the connection watches has
 * changed. Ends the watch.
 *
 * @see <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">Transactions</a>
 */
public final class Transaction {
  private Transaction() {}

  /**
   * Executes commands.
   *
   * @return the raw replies, which may be errors; empty if a watched key has changed and nothing
   *     was executed
   * @throws io.claimstream.connect.redis.error.RedisOutageException if the connection failed, so
   *     that the outcome is unknown, or if Redis refuses commands for now
   * @throws org.apache.kafka.connect.errors.ConnectException if Redis refused a command; then
   *     nothing was executed
   */
  public static Optional<List<@Nullable Object>> execute(
      RedisConnection connection, List<Command> commands) {
    List<Command> transaction = around(commands);
    return results(transaction, connection.pipeline(transaction));
  }

  /**
   * Executes commands that need hardly any memory, even if Redis is full: then with a {@link
   * GuardedScript}.
   *
   * @param watched the values of the keys that the connection watches
   * @param first a write that needs no memory and changes nothing
   * @return the commands' replies, as for {@link #execute}
   */
  public static Optional<List<@Nullable Object>> executeEvenIfFull(
      RedisConnection connection, List<Watched> watched, Command first, List<Command> commands) {
    List<Command> transaction = around(commands);
    List<@Nullable Object> replies = connection.pipeline(transaction);
    return replies.stream().anyMatch(GuardedScript::isNeeded)
        ? Optional.ofNullable(GuardedScript.run(connection, watched, first, commands))
        : results(transaction, replies);
  }

  /** Executes a single command in the same way; it needs no transaction. */
  public static @Nullable Object executeEvenIfFull(
      RedisConnection connection, Command first, Command command) {
    Object reply = connection.pipeline(List.of(command)).get(0);
    if (!GuardedScript.isNeeded(reply)) {
      return reply;
    }
    List<@Nullable Object> replies =
        GuardedScript.run(connection, List.of(), first, List.of(command));
    return replies == null ? reply : replies.get(0);
  }

  private static List<Command> around(List<Command> commands) {
    List<Command> transaction = new ArrayList<>(commands.size() + 2);
    transaction.add(Command.of("MULTI"));
    transaction.addAll(commands);
    transaction.add(Command.of("EXEC"));
    return transaction;
  }

  private static Optional<List<@Nullable Object>> results(
      List<Command> transaction, List<@Nullable Object> replies) {
    for (int i = 0; i < replies.size(); i++) {
      // an error while queueing contains the reason; the EXECABORT after it does not
      Replies.checked(replies.get(i), transaction.get(i));
    }
    return Optional.ofNullable(replies.get(replies.size() - 1)).map(Replies::list);
  }
}
