/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A fenced block of a page.
 *
 * @param name page and nearest heading, with a number from the second block below that heading on
 * @param kind what follows the opening fence, such as {@code bash}
 */
record DocBlock(String name, String kind, List<String> lines) {
  private static final String FENCE = "```";

  String text() {
    return String.join("\n", lines);
  }

  /** All blocks of a page of the documentation, in their order. */
  static List<DocBlock> of(String page) {
    List<DocBlock> blocks = new ArrayList<>();
    Map<String, Integer> below = new HashMap<>();
    String heading = "";
    DocBlock open = null;
    for (String line : lines(page)) {
      if (open != null) {
        if (line.equals(FENCE)) {
          blocks.add(open);
          open = null;
        } else {
          open.lines.add(line);
        }
      } else if (line.startsWith(FENCE)) {
        String name = page + ": " + heading;
        int number = below.merge(name, 1, Integer::sum);
        open =
            new DocBlock(
                number == 1 ? name : name + " (" + number + ")",
                line.substring(FENCE.length()),
                new ArrayList<>());
      } else if (line.startsWith("#")) {
        heading = line.replaceFirst("^#+ ", "");
      }
    }
    if (open != null) {
      throw new IllegalStateException("the last block of " + page + " has no end: " + open.name);
    }
    return blocks;
  }

  /** All pages of the documentation, such as {@code how-to/replay.md}. */
  static List<String> pages() {
    try (Stream<Path> files = Files.walk(folder())) {
      return files
          .map(file -> folder().relativize(file))
          .filter(file -> file.toString().endsWith(".md") && !file.startsWith("target"))
          .map(Path::toString)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    return Path.of(System.getProperty("examples", ""), "../docs").normalize();
  }

  private static List<String> lines(String page) {
    try {
      return Files.readAllLines(folder().resolve(page));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
