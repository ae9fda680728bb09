/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** The width of the terminal, which may change at any time. */
final class TerminalWidth implements IntSupplier {
  private static final int USUAL = 80;

  /** Returns the current width, or a default if it is unknown. */
  @Override
  public int getAsInt() {
    try {
      Process stty =
          new ProcessBuilder("/bin/sh", "-c", "stty size < /dev/tty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        int columns = Integer.parseInt(size.trim().replaceFirst("^\\d+ ", ""));
        return columns > 0 ? columns : USUAL;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | NumberFormatException unknown) {
      return USUAL;
    }
    return USUAL;
  }
}
