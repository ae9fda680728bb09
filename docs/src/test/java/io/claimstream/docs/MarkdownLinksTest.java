/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MarkdownLinksTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NO_PAGES = Set.of("target", ".git", ".mvn", "node_modules");

  @Test
  void everyLinkOfTheRepositorysPagesLeadsSomewhere() throws IOException {
    // given
    Map<String, String> pages = new TreeMap<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return NO_PAGES.contains(dir.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.toString().endsWith(".md")) {
              pages.put(ROOT.relativize(file).toString(), Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });

    // when
    List<String> dead = MarkdownLinks.dead(pages, path -> Files.exists(ROOT.resolve(path)));

    // then
    assertThat(pages)
        .containsKeys(
            "README.md", "CONTRIBUTING.md", "docs/reference/settings.md", "schemas/README.md");
    assertThat(dead).isEmpty();
  }

  @Test
  void aLinkToAPageOrHeadingThatIsNotThereIsDead() {
    Map<String, String> pages =
        Map.of(
            "README.md", "[a](docs/A.md) [b](docs/A.md#what-is-it) [c](docs/B.md) [x](docs/A.md#x)",
            "docs/A.md", "# What *is* it?\n[up](../README.md) [here](#what-is-it) [file](a.png)\n");

    List<String> dead = MarkdownLinks.dead(pages, "docs/b.png"::equals);

    assertThat(dead)
        .containsExactlyInAnyOrder(
            "README.md: docs/B.md", "README.md: docs/A.md#x", "docs/A.md: a.png");
  }

  @Test
  void whatStandsInCodeIsNoLinkAndNoHeading() {
    String text = "`[a](b)` [`code`](c)\n```\n[d](e)\n# no heading\n```\n[f](https://host/g)\n";

    assertThat(MarkdownLinks.links(text)).containsExactly("c");
    assertThat(MarkdownLinks.anchors(text)).isEmpty();
  }

  @Test
  void headingsOfOneNameAreNumbered() {
    assertThat(MarkdownLinks.anchors("# Redis 7.2\n## TLS & ACL\n## TLS & ACL\n<a id=\"own\"></a>"))
        .containsExactlyInAnyOrder("redis-72", "tls--acl", "tls--acl-1", "own");
  }
}
