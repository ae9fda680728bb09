/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The demo's output: permanent lines, and a status line that is overwritten on a terminal and never
 * wider than it. Safe for use by several threads.
 */
final class Terminal {
  /** System property: whether standard output is a terminal; set by the launcher. */
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
   * Creates an output to a terminal or a file.
   *
   * @param interactive whether the status line may be overwritten
   * @param coloured whether colours may be used
   * @param columns returns the terminal's current width
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

  /** Writes a line above the status line. */
  void line(String text) {
    write(text);
  }

  /** Writes a line that needs attention: red if colours are used. */
  void alert(String text) {
    write(in(RED, text));
  }

  /** Writes a line of good news: green if colours are used. */
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
   * Writes the status line, over the previous one on a terminal.
   *
   * @param alert the problem, written first and in red; null if there is none
   * @param parts the parts, most important first: those that do not fit are omitted
   */
  synchronized void live(@Nullable String alert, List<String> parts) {
    if (!interactive) {
      out.println((alert == null ? "" : alert + BETWEEN) + String.join(BETWEEN, parts));
    } else {
      // the last column stays free: some terminals wrap after it
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

  /** Returns as many parts as fit; of the first part as much as fits. */
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

  /** Keeps the status line as it is. */
  synchronized void endLive() {
    if (live != null) {
      out.println();
      live = null;
    }
  }
}
