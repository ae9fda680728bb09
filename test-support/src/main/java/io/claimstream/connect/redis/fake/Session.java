/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server's state of one client: its transaction and the keys it watches.
 *
 * @see <a href="https://redis.io/docs/latest/develop/using-commands/transactions/">Transactions</a>
 */
final class Session {
  private final Keyspace keys;
  private final CommandTable table;
  private final MemoryLimit memory;
  private final Map<String, Long> watched = new HashMap<>();
  private @Nullable List<Command> queued;
  private boolean doomed;

  Session(Keyspace keys, CommandTable table, MemoryLimit memory) {
    this.keys = keys;
    this.table = table;
    this.memory = memory;
  }

  /** Adds the commands that need a session, with their arities; scripts must not call them. */
  static void addTo(CommandTable table) {
    CommandTable.Handler notInScripts =
        a -> {
          throw new CommandError("ERR This Redis command is not allowed from script");
        };
    table.add("MULTI", 1, notInScripts);
    table.add("EXEC", 1, notInScripts);
    table.add("DISCARD", 1, notInScripts);
    table.add("WATCH", -2, notInScripts);
    table.add("UNWATCH", 1, notInScripts);
  }

  /** Whether commands are queued, to be executed as one step. */
  boolean isInTransaction() {
    return queued != null;
  }

  /** Executes or queues a command; an error is a reply, too. */
  @Nullable Object execute(Command command) {
    CommandTable.Handler handler;
    try {
      handler = table.lookup(command);
    } catch (CommandError e) {
      return refuse(command, e.text());
    }
    if (memory.refuses(command, queued)) {
      return refuse(command, MemoryLimit.ERROR);
    }
    try {
      return switch (command.name()) {
        case "MULTI" -> multi();
        case "EXEC" -> exec();
        case "DISCARD" -> discard();
        case "WATCH" -> watch(command);
        default -> queued == null ? run(handler, command, true) : queue(queued, command);
      };
    } catch (CommandError e) {
      return new ErrorReply(e.text());
    }
  }

  /** Returns an error before the command is processed. */
  ErrorReply refuse(Command command, String error) {
    doomed = queued != null;
    if (doomed && command.name().equals("EXEC")) {
      end();
      return new ErrorReply("EXECABORT Transaction discarded because of: " + error);
    }
    return new ErrorReply(error);
  }

  private @Nullable Object run(CommandTable.Handler handler, Command command, boolean mayBlock) {
    if (command.name().equals("UNWATCH")) {
      watched.clear();
      return Bytes.of("OK");
    }
    return handler.run(new Arguments(command, mayBlock));
  }

  private Object multi() {
    if (queued != null) {
      throw new CommandError("ERR MULTI calls can not be nested");
    }
    queued = new ArrayList<>();
    return Bytes.of("OK");
  }

  private static Object queue(List<Command> queue, Command command) {
    queue.add(command);
    return Bytes.of("QUEUED");
  }

  private @Nullable Object exec() {
    List<Command> commands = queued;
    if (commands == null) {
      throw new CommandError("ERR EXEC without MULTI");
    }
    boolean wasDoomed = doomed;
    boolean stale = watched.entrySet().stream().anyMatch(this::hasChanged);
    end();
    if (wasDoomed) {
      throw new CommandError("EXECABORT Transaction discarded because of previous errors.");
    }
    return stale ? null : runAll(commands);
  }

  private List<@Nullable Object> runAll(List<Command> commands) {
    List<@Nullable Object> replies = new ArrayList<>();
    for (Command command : commands) {
      try {
        replies.add(run(table.lookup(command), command, false));
      } catch (CommandError e) {
        replies.add(new ErrorReply(e.text()));
      }
    }
    return replies;
  }

  private boolean hasChanged(Map.Entry<String, Long> watch) {
    return keys.version(watch.getKey()) != watch.getValue();
  }

  private Object discard() {
    if (queued == null) {
      throw new CommandError("ERR DISCARD without MULTI");
    }
    end();
    return Bytes.of("OK");
  }

  private Object watch(Command command) {
    if (queued != null) {
      throw new CommandError("ERR WATCH inside MULTI is not allowed");
    }
    for (byte[] key : command.arguments()) {
      watched.putIfAbsent(Bytes.raw(key), keys.version(Bytes.raw(key)));
    }
    return Bytes.of("OK");
  }

  private void end() {
    queued = null;
    doomed = false;
    watched.clear();
  }
}
