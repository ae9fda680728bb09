/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Commands that Redis executes as one step, and only if nothing has changed that the connection
 * watches. Ends what it watches.
 *
 * @see <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">Transactions</a>
 */
public final class Transaction {
  private Transaction() {}

  /**
   * Executes commands.
   *
   * @return their replies as they are, so perhaps errors; empty if something watched has changed
   *     and nothing was executed
   * @throws io.claimstream.connect.redis.error.RedisOutageException if the connection broke, so
   *     that it is not known whether they were executed, or if Redis takes none for the moment
   * @throws org.apache.kafka.connect.errors.ConnectException what it means that Redis refused to
   *     take one of them; then nothing was executed
   */
  public static Optional<List<@Nullable Object>> execute(
      RedisConnection connection, List<Command> commands) {
    List<Command> transaction = around(commands);
    return results(transaction, connection.pipeline(transaction));
  }

  /**
   * Executes commands that need next to no memory, even if Redis is full: then by a {@link
   * GuardedScript}.
   *
   * @param watched what the keys held that the connection watches
   * @param first a write that needs no memory and changes nothing
   * @return the commands' replies, as above
   */
  public static Optional<List<@Nullable Object>> executeEvenIfFull(
      RedisConnection connection, List<Watched> watched, Command first, List<Command> commands) {
    List<Command> transaction = around(commands);
    List<@Nullable Object> replies = connection.pipeline(transaction);
    return replies.stream().anyMatch(GuardedScript::isNeeded)
        ? Optional.ofNullable(GuardedScript.run(connection, watched, first, commands))
        : results(transaction, replies);
  }

  /** The same with a single command, which needs no transaction. */
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
      // an error while queueing says why; the EXECABORT after it would not
      Replies.checked(replies.get(i), transaction.get(i));
    }
    return Optional.ofNullable(replies.get(replies.size() - 1)).map(Replies::list);
  }
}
