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

class MessagesTest {
  private static final Pattern MESSAGE = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
  private static final List<String> MODULES =
      List.of("redis-common", "source-connector", "sink-connector", "registry-converter");

  @Test
  void everyMessageOfThePageIsInTheCode() throws IOException {
    // given
    String page = Files.readString(Path.of("reference/messages.md"));
    List<String> messages =
        MESSAGE.matcher(page).results().map((MatchResult row) -> row.group(1)).toList();

    // when
    String sources = "";
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        sources +=
            files
                .filter(file -> file.toString().endsWith(".java"))
                .map(MessagesTest::joined)
                .collect(Collectors.joining("\n"));
      }
    }

    // then
    assertThat(messages)
        .hasSizeGreaterThan(40)
        .doesNotHaveDuplicates()
        .as("a text to search for, without placeholders")
        .noneMatch(message -> message.contains("{}") || message.contains("%s"));
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
