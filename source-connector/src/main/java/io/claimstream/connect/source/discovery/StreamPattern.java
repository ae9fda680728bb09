/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import java.util.regex.Pattern;

/**
 * Glob-style pattern of stream names, with the syntax of Redis: {@code *}, {@code ?}, {@code
 * [a-z]}, {@code [^a]}, and a backslash before a character that stands for itself. Redis does the
 * search; {@link #matches} is for names that are no streams yet, or no longer.
 *
 * @see <a href="https://redis.io/docs/latest/commands/scan/">SCAN</a>
 */
public final class StreamPattern {
  /** Prefix of the keys that the connectors keep in Redis. */
  static final String OWN_KEYS = "claimstream:";

  private final String text;
  private final Pattern regex;

  private StreamPattern(String text) {
    this.text = text;
    this.regex = new Translation(text).regex();
  }

  /**
   * Parses a pattern.
   *
   * @throws IllegalArgumentException if it is several patterns, has a bracket that is not closed,
   *     or is one of the connector's own keys
   */
  public static StreamPattern parse(String text) {
    if (text.contains(",")) {
      throw new IllegalArgumentException(
          "it contains a comma: give one pattern, and use one connector for each pattern");
    }
    if (text.startsWith(OWN_KEYS)) {
      throw new IllegalArgumentException(
          "keys that begin with '" + OWN_KEYS + "' are the connector's own");
    }
    return new StreamPattern(text);
  }

  /** Whether the pattern matches that name. */
  public boolean matches(String name) {
    return regex.matcher(name).matches();
  }

  /** The pattern as an argument of SCAN MATCH. */
  @Override
  public String toString() {
    return text;
  }

  /** Translates a pattern into a regular expression, from left to right. */
  private static final class Translation {
    private final String text;
    private int at;

    Translation(String text) {
      this.text = text;
    }

    Pattern regex() {
      StringBuilder regex = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        switch (c) {
          case '*' -> regex.append(".*");
          case '?' -> regex.append('.');
          case '[' -> regex.append(choice());
          default -> regex.append(Pattern.quote(literal(c)));
        }
      }
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /** Returns the character, or the next one after a backslash. */
    private String literal(char c) {
      return String.valueOf(c == '\\' && at < text.length() ? text.charAt(at++) : c);
    }

    private String choice() {
      boolean negated = at < text.length() && text.charAt(at) == '^';
      at += negated ? 1 : 0;
      StringBuilder members = new StringBuilder();
      while (at < text.length() && text.charAt(at) != ']') {
        char from = text.charAt(at++);
        char to = from;
        if (from == '\\' && at < text.length()) {
          // as in Redis, an escaped character begins no range
          from = text.charAt(at++);
          to = from;
        } else if (at + 1 < text.length() && text.charAt(at) == '-') {
          // as in Redis, any character ends a range, a bracket and a backslash as well
          to = text.charAt(at + 1);
          at += 2;
        }
        members
            .append(escaped((char) Math.min(from, to)))
            .append('-')
            .append(escaped((char) Math.max(from, to)));
      }
      if (at >= text.length()) {
        throw new IllegalArgumentException("it has a '[' without a ']'");
      }
      at++;
      if (members.isEmpty()) {
        return negated ? "." : "(?!)";
      }
      return (negated ? "[^" : "[") + members + "]";
    }

    private static String escaped(char character) {
      return String.format("\\u%04x", (int) character);
    }
  }
}
