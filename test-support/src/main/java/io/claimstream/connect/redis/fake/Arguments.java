/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.List;
import java.util.Locale;

/** The arguments of one command, counted from 0 after its name. */
final class Arguments {
  private static final String NO_INTEGER = "ERR value is not an integer or out of range";

  private final String command;
  private final List<byte[]> values;
  private final boolean mayBlock;

  Arguments(Command command, boolean mayBlock) {
    this.command = command.name().toLowerCase(Locale.ROOT);
    this.values = List.copyOf(command.arguments());
    this.mayBlock = mayBlock;
  }

  /** Returns the command's name in lower case, as error replies quote it. */
  String command() {
    return command;
  }

  /** Returns whether a read may block: not inside a transaction or script. */
  boolean mayBlock() {
    return mayBlock;
  }

  int size() {
    return values.size();
  }

  byte[] bytes(int index) {
    return values.get(index);
  }

  /** Returns the bytes as lossless text: see {@link Bytes}. */
  String raw(int index) {
    if (index >= values.size()) {
      throw CommandError.syntax();
    }
    return Bytes.raw(values.get(index));
  }

  /** Returns an option's name in capitals; empty if there is no such argument. */
  String option(int index) {
    return index < values.size() ? raw(index).toUpperCase(Locale.ROOT) : "";
  }

  long number(int index) {
    try {
      return Long.parseLong(raw(index));
    } catch (NumberFormatException e) {
      throw new CommandError(NO_INTEGER);
    }
  }

  /** Returns the arguments from that index on. */
  List<byte[]> from(int index) {
    return values.subList(index, values.size());
  }

  void require(boolean valid) {
    if (!valid) {
      throw CommandError.arity(command);
    }
  }
}
