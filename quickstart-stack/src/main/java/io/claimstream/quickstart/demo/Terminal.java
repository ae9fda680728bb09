/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo writes: lines that stay, and one live line that is written over where the output
 * is a terminal, and never wider than that. Safe for use by several threads.
 */
final class Terminal {
  /** System property: whether standard output is a terminal; the launcher knows. */
  static final String INTERACTIVE = "claimstream.terminal";

  private static final String CLEAR_LINE = "\r\u001b[2K";
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";
  private static final String BETWEEN = " | ";

  private final PrintStream out;
  private final boolean interactive;
  private final boolean coloured;
  private final IntSupplier columns;
  private @Nullable String live;

  /**
   * A terminal, or a file.
   *
   * @param interactive whether the live line may be written over
   * @param coloured whether a terminal may be coloured
   * @param columns how wide a terminal is now
   */
  Terminal(PrintStream out, boolean interactive, boolean coloured, IntSupplier columns) {
    this.out = out;
    this.interactive = interactive;
    this.coloured = interactive && coloured;
    this.columns = columns;
  }

  boolean isInteractive() {
    return interactive;
  }

  /** Writes a line, above the live one if there is one. */
  void line(String text) {
    write(text);
  }

  /** Writes a line that somebody should look at: in red where there are colours. */
  void alert(String text) {
    write(in(RED, text));
  }

  /** Writes a line of good news: in green where there are colours. */
  void good(String text) {
    write(in(GREEN, text));
  }

  private String in(String colour, String text) {
    return coloured ? colour + text + PLAIN : text;
  }

  private synchronized void write(String text) {
    if (live != null) {
      out.print(CLEAR_LINE);
    }
    out.println(text);
    if (live != null) {
      out.print(live);
    }
    out.flush();
  }

  /**
   * Writes the live line, over the former one on a terminal.
   *
   * @param alert comes first and in red; null if all is well
   * @param parts the most important first: what does not fit is left out
   */
  synchronized void live(@Nullable String alert, List<String> parts) {
    if (!interactive) {
      out.println((alert == null ? "" : alert + BETWEEN) + String.join(BETWEEN, parts));
    } else {
      // the last column stays free: some terminals begin a new line after it
      int width = Math.max(1, columns.getAsInt() - 1);
      String first = alert == null ? "" : fit(List.of(alert), width);
      int left = width - (first.isEmpty() ? 0 : first.length() + BETWEEN.length());
      String rest = left < 1 ? "" : fit(parts, left);
      String text =
          first.isEmpty() ? rest : in(RED, first) + (rest.isEmpty() ? "" : BETWEEN + rest);
      out.print((live == null ? "" : CLEAR_LINE) + text);
      live = text;
    }
    out.flush();
  }

  /** As many parts as fit; of the first as much as fits. */
  static String fit(List<String> parts, int width) {
    StringBuilder line = new StringBuilder();
    for (String part : parts) {
      if (line.isEmpty()) {
        line.append(part, 0, Math.min(part.length(), width));
      } else if (line.length() + BETWEEN.length() + part.length() <= width) {
        line.append(BETWEEN).append(part);
      } else {
        break;
      }
    }
    return line.toString();
  }

  /** Lets the live line stay as it is. */
  synchronized void endLive() {
    if (live != null) {
      out.println();
      live = null;
    }
  }
}
