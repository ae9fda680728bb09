/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo writes: lines that stay, and one live line that is written over where the output
 * is a terminal. Safe for use by several threads.
 */
final class Terminal {
  /** System property: whether standard output is a terminal; the launcher knows. */
  static final String INTERACTIVE = "claimstream.terminal";

  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final PrintStream out;
  private final boolean interactive;
  private @Nullable String live;

  Terminal(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  boolean isInteractive() {
    return interactive;
  }

  /** Writes a line, above the live one if there is one. */
  synchronized void line(String text) {
    if (live != null) {
      out.print(CLEAR_LINE);
    }
    out.println(text);
    if (live != null) {
      out.print(live);
    }
    out.flush();
  }

  /** Writes the live line, over the former one on a terminal. */
  synchronized void live(String text) {
    if (interactive) {
      out.print((live == null ? "" : CLEAR_LINE) + text);
      live = text;
    } else {
      out.println(text);
    }
    out.flush();
  }

  /** Lets the live line stay as it is. */
  synchronized void endLive() {
    if (live != null) {
      out.println();
      live = null;
    }
  }
}
