/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Formats a failure for the person at the terminal: never a stack trace. */
final class Explanation {
  private static final int LINES = 18;

  private Explanation() {}

  /** Returns the message with all its lines, and the causes that add something. */
  static String of(Throwable failure) {
    List<String> messages = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String text = text(cause);
      if (messages.stream().noneMatch(before -> before.contains(text))) {
        messages.add(text);
      }
    }
    return String.join("\n  because: ", messages)
        .lines()
        .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
        .limit(LINES)
        .collect(Collectors.joining("\n"));
  }

  private static String text(Throwable cause) {
    String message = cause.getMessage();
    if (message == null) {
      return cause.getClass().getSimpleName();
    }
    boolean meantForPeople = cause.getClass().getName().startsWith("io.claimstream.");
    return meantForPeople ? message : cause.getClass().getSimpleName() + ": " + message;
  }
}
