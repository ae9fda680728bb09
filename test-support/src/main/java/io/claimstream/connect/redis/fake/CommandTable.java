/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The commands the server knows, with Redis' own arities. */
final class CommandTable {
  private final Map<String, Entry> entries = new HashMap<>();
  private final Set<String> containers = new HashSet<>();

  /**
   * Adds a command.
   *
   * @param arity the number of arguments including the name; negative: at least that many
   */
  void add(String name, int arity, Handler handler) {
    entries.put(name, new Entry(arity, handler));
  }

  /** Adds a subcommand; its first argument is the second word. */
  void add(String container, String subcommand, int arity, Handler handler) {
    containers.add(container);
    add(container + '|' + subcommand, arity, handler);
  }

  /** Returns the handler of a command that exists and has enough arguments. */
  Handler lookup(Command command) {
    String name = command.name().toUpperCase(Locale.ROOT);
    int words = command.arguments().size() + 1;
    if (containers.contains(name)) {
      check(name, words, -2);
      String subcommand = Bytes.raw(command.arguments().get(0));
      name = name + '|' + subcommand.toUpperCase(Locale.ROOT);
      if (!entries.containsKey(name)) {
        throw new CommandError(
            "ERR unknown subcommand '" + subcommand + "'. Try " + command.name() + " HELP.");
      }
    }
    Entry entry = entries.get(name);
    if (entry == null) {
      StringBuilder text = new StringBuilder("ERR unknown command '");
      text.append(command.name()).append("', with args beginning with: ");
      command.arguments().forEach(a -> text.append('\'').append(Bytes.raw(a)).append("' "));
      throw new CommandError(text.toString());
    }
    check(name, words, entry.arity);
    return entry.handler;
  }

  private static void check(String name, int words, int arity) {
    if (arity >= 0 ? words != arity : words < -arity) {
      throw CommandError.arity(name.toLowerCase(Locale.ROOT));
    }
  }

  /** Executes one command. */
  @FunctionalInterface
  interface Handler {
    @Nullable Object run(Arguments arguments);
  }

  private record Entry(int arity, Handler handler) {}
}
