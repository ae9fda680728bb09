/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Paths that are no links, and the length of the README. */
class PagesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NO_SOURCES = Set.of("target", ".git", "node_modules");
  private static final Pattern KIND = Pattern.compile(".*\\.(java|ya?ml|xml|properties|lua|json)");

  private static final Pattern PAGE = Pattern.compile("\\bdocs/[\\w/-]+\\.md\\b");
  private static final Pattern EXAMPLE = Pattern.compile("`(config-examples/[\\w./-]+)`");

  /** The texts of the files whose path in the repository the pattern matches. */
  private static Map<String, String> files(Pattern path) throws IOException {
    Map<String, String> files = new TreeMap<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return NO_SOURCES.contains(dir.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = ROOT.relativize(file).toString();
            if (path.matcher(name).matches()) {
              files.put(name, text(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> pages() throws IOException {
    return files(Pattern.compile("README\\.md|docs/.*\\.md"));
  }

  @Test
  void everyPageThatSourcesAndExamplesNameIsThere() throws IOException {
    // given
    Map<String, String> files = files(KIND);
    files.keySet().removeIf(name -> name.contains("MarkdownLinks")); // made-up pages

    // when
    List<String> missing = new ArrayList<>();
    files.forEach(
        (name, text) ->
            PAGE.matcher(text)
                .results()
                .map(page -> page.group())
                .filter(page -> !Files.exists(ROOT.resolve(page)))
                .forEach(page -> missing.add(name + ": " + page)));

    // then
    assertThat(files).containsKey("config-examples/monitoring/alerts.yml");
    assertThat(missing).isEmpty();
  }

  @Test
  void everyExampleThatPagesNameIsThere() throws IOException {
    List<String> missing = new ArrayList<>();
    pages()
        .forEach(
            (name, text) ->
                EXAMPLE
                    .matcher(text)
                    .results()
                    .map(example -> example.group(1))
                    .filter(example -> !Files.exists(ROOT.resolve(example)))
                    .forEach(example -> missing.add(name + ": " + example)));

    assertThat(missing).isEmpty();
  }

  @Test
  void theReadmeIsShort() {
    assertThat(text(ROOT.resolve("README.md")).split("\\s+")).hasSizeLessThanOrEqualTo(600);
  }
}
