/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A Redis command with its arguments as bytes. Built and sent by one thread. */
public final class Command {
  private final String name;
  private final ArrayList<byte[]> arguments;

  private Command(String name, int expectedArguments) {
    this.name = name;
    this.arguments = new ArrayList<>(expectedArguments);
  }

  /**
   * Returns a command: {@code byte[]} arguments are sent unchanged, others as UTF-8 text.
   *
   * @param name the command's name, in capitals
   */
  public static Command of(String name, Object... arguments) {
    Command command = new Command(name, arguments.length);
    for (Object argument : arguments) {
      command.add(argument);
    }
    return command;
  }

  /** Adds an argument: {@code byte[]} unchanged, anything else as UTF-8 text. */
  public Command add(Object argument) {
    arguments.add(
        argument instanceof byte[] bytes
            ? bytes
            : argument.toString().getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds each element like {@link #add}. */
  public Command addAll(Collection<?> more) {
    arguments.ensureCapacity(arguments.size() + more.size());
    more.forEach(this::add);
    return this;
  }

  /** Returns the command's name, in capitals. */
  public String name() {
    return name;
  }

  /** Returns the arguments after the name. Read-only. */
  public List<byte[]> arguments() {
    return arguments;
  }

  /** Returns the name and the first argument, which is the key for most commands; never a value. */
  @Override
  public String toString() {
    return arguments.isEmpty()
        ? name
        : name + ' ' + new String(arguments.get(0), StandardCharsets.UTF_8);
  }
}
