/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import io.claimstream.connect.redis.error.RedisOutageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A script that replaces a {@link Transaction} for a Redis at its {@code maxmemory}. Such a Redis
 * refuses every command of a transaction, even commands that it executes on their own. A script may
 * run every command that needs no memory, and after its first write any other command as well.
 * Commands that need much memory must wait.
 *
 * @see <a href="https://redis.io/docs/latest/develop/programmability/eval-intro/">Scripts</a>
 */
public final class GuardedScript {
  /** Maximum arguments of a command: Lua passes fewer than 8,000 values to one call. */
  private static final int MOST_WORDS = 7_000;

  private static final LuaScript SCRIPT = LuaScript.beside(GuardedScript.class, "guarded.lua");
  private static final String OOM = "OOM";

  private GuardedScript() {}

  /** Returns whether a reply means that Redis is full and executed nothing. */
  public static boolean isNeeded(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.code().equals(OOM);
  }

  /**
   * Returns the call of the script, whose reply is that of {@code EXEC}. The call contains the
   * script's text: a call by digest would save little, and needs another call and another
   * permission if Redis does not know the script.
   *
   * @param watched the expected values of keys in the stream's slot
   * @param commands the commands; the first write among them must need no memory, such as {@code
   *     XACK} or {@code XREADGROUP}, and what precedes it must not either; each has at most 7,000
   *     arguments
   */
  public static Command call(List<Watched> watched, String stream, List<Command> commands) {
    Set<String> keys = new LinkedHashSet<>();
    watched.forEach(each -> keys.add(each.key()));
    keys.add(stream);
    for (Command command : commands) {
      if (command.name().equals("SET")) {
        keys.add(new String(command.arguments().get(0), StandardCharsets.UTF_8));
      }
    }
    Command call = SCRIPT.bySource(List.copyOf(keys)).add(watched.size());
    watched.forEach(each -> call.add(each.value() == null ? "" : "=" + each.value()));
    for (Command command : commands) {
      if (command.arguments().size() >= MOST_WORDS) {
        throw new IllegalArgumentException(command + " has too many arguments for a script");
      }
      call.add(1 + command.arguments().size()).add(command.name()).addAll(command.arguments());
    }
    return call;
  }

  /**
   * Returns the reply to the call, unless it is an error.
   *
   * @param what the action, for the message
   * @throws RedisOutageException if the user may not run scripts: Redis is then just full
   * @throws org.apache.kafka.connect.errors.ConnectException for any other error
   */
  public static @Nullable Object checked(@Nullable Object reply, String what) {
    if (reply instanceof ErrorReply error
        && (error.code().equals("NOPERM") || error.text().contains("unknown command"))) {
      throw new RedisOutageException(
          what
              + " needs memory, and Redis is at its maxmemory. Grant the user of redis.username"
              + " +eval to continue without; Redis replied: "
              + error.text().strip(),
          null);
    }
    return Replies.checked(reply, what);
  }

  /**
   * Runs the script.
   *
   * @param first a write that needs no memory and changes nothing; its reply is not returned
   * @return the other commands' replies; null if a key has another value
   */
  static @Nullable List<@Nullable Object> run(
      RedisConnection connection, List<Watched> watched, Command first, List<Command> commands) {
    List<Command> all = new ArrayList<>(List.of(first));
    all.addAll(commands);
    String stream = new String(first.arguments().get(0), StandardCharsets.UTF_8);
    Object reply = connection.pipeline(List.of(call(watched, stream, all))).get(0);
    List<@Nullable Object> replies = Replies.list(checked(reply, commands.get(0).toString()));
    return replies.isEmpty() ? null : replies.subList(1, replies.size());
  }
}
