/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.nio.charset.StandardCharsets;

/** Ends a command with an error reply. */
final class CommandError extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final String WRONG_TYPE =
      "WRONGTYPE Operation against a key holding the wrong kind of value";

  private final String text;

  /** The reply's text, which may contain names as returned by {@link Arguments#raw}. */
  CommandError(String text) {
    super(text, null, false, false);
    this.text = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  static CommandError syntax() {
    return new CommandError("ERR syntax error");
  }

  static CommandError arity(String command) {
    return new CommandError("ERR wrong number of arguments for '" + command + "' command");
  }

  static CommandError wrongType() {
    return new CommandError(WRONG_TYPE);
  }

  static CommandError noGroup(String key, String group) {
    return new CommandError(
        "NOGROUP No such consumer group '" + group + "' for key name '" + key + "'");
  }

  String text() {
    return text;
  }
}
