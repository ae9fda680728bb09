/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final Pattern MESSAGE = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

  @Test
  void everyMessageToTroubleshootByIsOneOfOurs() throws IOException {
    // given
    String text = Files.readString(Path.of("OPERATIONS.md"));
    String table = text.substring(text.indexOf("\n## Troubleshooting by message\n"));
    List<String> messages =
        MESSAGE.matcher(table).results().map((MatchResult row) -> row.group(1)).toList();

    // when
    String sources = "";
    for (String module : List.of("redis-common", "source-connector", "sink-connector")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        sources +=
            files
                .filter(file -> file.toString().endsWith(".java"))
                .map(OperationsTest::joined)
                .collect(Collectors.joining("\n"));
      }
    }

    // then
    assertThat(messages).hasSizeGreaterThan(20);
    assertThat(sources).contains(messages.toArray(String[]::new));
  }

  /** A source whose texts are not broken over lines any more. */
  private static String joined(Path file) {
    try {
      return Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
