/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a release has promised stays: the files in docs/released say what that is. */
class ReleasedSurfaceTest {
  private static final Path RELEASED = Path.of("released");
  private static final Pattern PURPOSE =
      Pattern.compile("SlotKeys\\s*\\.sibling\\([^\"]*\"(\\w+)\"");

  private static SortedSet<String> released() throws IOException {
    SortedSet<String> lines = new TreeSet<>();
    try (Stream<Path> files = Files.list(RELEASED)) {
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  @Test
  void whatWasReleasedIsStillThereAndUnchanged() throws IOException {
    // given
    SortedSet<String> missing = released();
    int promised = missing.size();

    // when
    missing.removeAll(ReleasedSurface.lines(Path.of("")));

    // then
    assertThat(promised).isGreaterThan(200);
    assertThat(missing)
        .as(
            "Released connectors, settings with types and defaults, metrics, Redis keys and schemas"
                + " that are gone or changed. Users' configurations, dashboards, stored state and"
                + " consumers depend on them: keep the old one and add another beside it. If it"
                + " must go, that is a new major version: RELEASING.md, 'Renewing what is released'")
        .isEmpty();
  }

  @Test
  void aSettingThatIsNewSinceTheReleaseHasADefault() throws IOException {
    // given
    SortedSet<String> added = ReleasedSurface.lines(Path.of(""));
    added.removeAll(released());

    // then
    assertThat(added)
        .as("a configuration that worked with the released version must go on working")
        .noneMatch(line -> line.startsWith("setting ") && line.endsWith(" required"));
  }

  @Test
  void allThatUsersBuildOnIsDescribed() throws IOException {
    assertThat(ReleasedSurface.lines(Path.of("")))
        .contains(
            "connector sink io.claimstream.connect.sink.RedisStreamSinkConnector",
            "setting source redis.group string default claims-processors",
            "metric source entries-read counter",
            "metric range-source errors-record counter",
            "metric state-sink keys-deleted counter",
            "redis-key claimstream:v1:<purpose>:{<stream>}:<name>:<a%3Ab>",
            "redis-key offsets hash",
            "redis-key offsets value <offset> <newest> <committed>",
            "redis-key owner value <number> <write>")
        .anyMatch(line -> line.startsWith("mbean state-sink kafka.connect:type=plugins,"))
        .anyMatch(line -> line.startsWith("schema claim-event/v1 "));
  }

  @Test
  void thePageOfRedisKeysHasEveryKeyThatTheConnectorsName() throws IOException {
    // given
    Set<String> named = new TreeSet<>();
    for (String module : List.of("source-connector", "sink-connector")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          PURPOSE
              .matcher(Files.readString(file))
              .results()
              .forEach(purpose -> named.add(purpose.group(1)));
        }
      }
    }

    // then
    assertThat(named).contains("offsets", "owner");
    for (String purpose : named) {
      assertThat(ReleasedSurface.lines(Path.of("")))
          .anyMatch(line -> line.matches("redis-key " + purpose + " (hash|string)"));
    }
  }
}
