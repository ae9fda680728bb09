/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says why something failed, as the person at the terminal needs it: never a stack trace. */
final class Explanation {
  private static final int LINES = 18;

  private Explanation() {}

  /** The message with all its lines, and the causes that say something more. */
  static String of(Throwable failure) {
    List<String> told = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String text = text(cause);
      if (told.stream().noneMatch(before -> before.contains(text))) {
        told.add(text);
      }
    }
    return String.join("\n  because: ", told)
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
