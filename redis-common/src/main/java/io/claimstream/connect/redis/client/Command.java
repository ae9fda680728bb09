/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** One Redis command with its arguments as bytes. Built and sent by one thread. */
public final class Command {
  private final String name;
  private final ArrayList<byte[]> arguments;

  private Command(String name, int expectedArguments) {
    this.name = name;
    this.arguments = new ArrayList<>(expectedArguments);
  }

  /**
   * A command with arguments: {@code byte[]} as they are, everything else as its UTF-8 text.
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

  /** Adds one argument: {@code byte[]} as it is, everything else as its UTF-8 text. */
  public Command add(Object argument) {
    arguments.add(
        argument instanceof byte[] bytes
            ? bytes
            : argument.toString().getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds each element as {@link #add} does. */
  public Command addAll(Collection<?> more) {
    arguments.ensureCapacity(arguments.size() + more.size());
    more.forEach(this::add);
    return this;
  }

  /** The command's name, in capitals. */
  public String name() {
    return name;
  }

  /** The arguments after the name. Treat as read-only. */
  public List<byte[]> arguments() {
    return arguments;
  }

  /** Name and first argument, which is the key for most commands; never a value. */
  @Override
  public String toString() {
    return arguments.isEmpty()
        ? name
        : name + ' ' + new String(arguments.get(0), StandardCharsets.UTF_8);
  }
}
