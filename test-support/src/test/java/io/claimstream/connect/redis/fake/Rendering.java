/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Commands and replies as one line of text each. */
final class Rendering {
  private Rendering() {}

  static String reply(@Nullable Object reply) {
    if (reply == null) {
      return "nil";
    }
    if (reply instanceof byte[] bytes) {
      return new String(bytes, UTF_8);
    }
    if (reply instanceof List<?> list) {
      return list.stream().map(Rendering::reply).collect(Collectors.joining(" ", "[", "]"));
    }
    if (reply instanceof ErrorReply error) {
      return "(" + error.text() + ")";
    }
    return "#" + reply;
  }

  static String command(Command command) {
    return command.name()
        + command.arguments().stream()
            .map(argument -> " " + new String(argument, UTF_8))
            .collect(Collectors.joining());
  }
}
