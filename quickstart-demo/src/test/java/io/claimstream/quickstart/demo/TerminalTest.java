/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static final List<String> PARTS = List.of("in 1,000 (500/s)", "topic 998", "lag 2");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int columns = 80;

  private Terminal terminal(boolean interactive, boolean coloured) {
    return new Terminal(
        new PrintStream(bytes, true, StandardCharsets.UTF_8), interactive, coloured, () -> columns);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** What the terminal shows of a text: without its colours. */
  private static String shown(String text) {
    return text.replaceAll("\u001b\\[[0-9]+m", "");
  }

  @Test
  void theLiveLineIsNeverWiderThanTheTerminal() {
    Terminal terminal = terminal(true, true);

    for (columns = 1; columns < 100; columns++) {
      bytes.reset();
      terminal.live("claims-source task 0 FAILED", PARTS);
      terminal.live(null, PARTS);
      for (String line : written().split("\r\u001b\\[2K", -1)) {
        assertThat(shown(line).length())
            .as("columns %d: %s", columns, line)
            .isLessThan(columns + 1);
      }
    }
  }

  @Test
  void whatDoesNotFitIsLeftOutFromTheEnd() {
    columns = 34;

    terminal(true, false).live(null, PARTS);

    assertThat(written()).isEqualTo("in 1,000 (500/s) | topic 998");
  }

  @Test
  void whatIsWrongComesFirstAndInRed() {
    terminal(true, true).live("claims-source task 0 FAILED", PARTS);

    assertThat(written())
        .startsWith("\u001b[31mclaims-source task 0 FAILED\u001b[0m | in 1,000 (500/s)");
  }

  @Test
  void aFileGetsWholeLinesWithoutColours() {
    Terminal terminal = terminal(false, true);
    columns = 10;

    terminal.live("Redis unavailable for 3 s", PARTS);
    terminal.alert("Redis does not reply");

    assertThat(written().lines())
        .containsExactly(
            "Redis unavailable for 3 s | in 1,000 (500/s) | topic 998 | lag 2",
            "Redis does not reply");
  }

  @Test
  void aLineIsWrittenAboveTheLiveOne() {
    Terminal terminal = terminal(true, false);

    terminal.live(null, List.of("lag 2"));
    terminal.line("Redis answers again");

    assertThat(written())
        .isEqualTo("lag 2\r\u001b[2KRedis answers again" + System.lineSeparator() + "lag 2");
  }
}
