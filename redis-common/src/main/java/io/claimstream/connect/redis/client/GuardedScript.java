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
 * A script in place of a {@link Transaction}, for a Redis at its {@code maxmemory}: that one
 * refuses every command of a transaction, even those that it executes by themselves. A script may
 * do all that needs no memory, and after its first write everything else as well. What needs much
 * memory has to wait instead.
 *
 * @see <a href="https://redis.io/docs/latest/develop/programmability/eval-intro/">Scripts</a>
 */
public final class GuardedScript {
  /** Lua hands over less than 8,000 words to a command. */
  private static final int MOST_WORDS = 7_000;

  private static final LuaScript SCRIPT = LuaScript.beside(GuardedScript.class, "guarded.lua");
  private static final String OOM = "OOM";

  private GuardedScript() {}

  /** Whether a reply says that Redis is full, and so that nothing was executed. */
  public static boolean isNeeded(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.code().equals(OOM);
  }

  /**
   * The call of the script, whose reply is that of {@code EXEC}. It carries the script's text: its
   * digest would save little, and takes another call and another right where Redis does not know
   * it.
   *
   * @param watched which keys must hold what, in the slot of the stream
   * @param commands the first has to be a write that needs no memory, such as {@code XACK} or
   *     {@code XREADGROUP}; each has at most 7,000 words
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
   * The reply to the call, unless it is an error.
   *
   * @param what is done by it, for the message
   * @throws RedisOutageException if the user may not run scripts, too: then Redis is full, no more
   * @throws org.apache.kafka.connect.errors.ConnectException what another error means
   */
  public static @Nullable Object checked(@Nullable Object reply, String what) {
    if (reply instanceof ErrorReply error
        && (error.code().equals("NOPERM") || error.text().contains("unknown command"))) {
      throw new RedisOutageException(
          what
              + " needs memory, and Redis is at its maxmemory. It would go on without, if the user"
              + " of redis.username had the right +eval; Redis says: "
              + error.text().strip(),
          null);
    }
    return Replies.checked(reply, what);
  }

  /**
   * Calls it.
   *
   * @param first a write that needs no memory and changes nothing; it has no reply here
   * @return the other commands' replies; null if a key holds something else
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
