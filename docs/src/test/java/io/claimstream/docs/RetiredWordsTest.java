/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import io.claimstream.connect.source.range.RangeSourceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps words that this project invented, and has retired, out of the texts that people read. */
class RetiredWordsTest {
  /** Modules whose log lines, messages, metrics and comments are checked. */
  private static final List<String> MODULES =
      List.of(
          "schemas",
          "redis-common",
          "source-connector",
          "sink-connector",
          "registry-converter",
          "local-stack",
          "test-support",
          "quickstart-demo",
          "benchmarks",
          "docs");

  /** Modules whose test names are checked. */
  private static final List<String> TESTS =
      List.of(
          "schemas",
          "redis-common",
          "source-connector",
          "sink-connector",
          "registry-converter",
          "local-stack",
          "test-support",
          "quickstart-demo",
          "integration-tests",
          "packaging",
          "docs");

  /** Files and folders of texts beside the sources and the pages. */
  private static final List<String> TEXTS =
      List.of(
          "config-examples",
          "packaging/src/assembly",
          "quickstart-demo/src/main/resources",
          "quickstart",
          "CONTRIBUTING.md",
          "RELEASING.md",
          "SECURITY.md",
          "CODE_OF_CONDUCT.md",
          ".github");

  private static final Pattern TEXT =
      Pattern.compile(".*(\\.(md|json|ya?ml|properties|lua|html)|/Dockerfile|/quickstart)");

  /** Connectors whose setting docs and display names are checked. */
  private static final Map<String, ConfigDef> SETTINGS =
      Map.of(
          "source", RedisStreamSourceConfig.CONFIG_DEF,
          "range source", RangeSourceConfig.CONFIG_DEF,
          "sink", RedisStreamSinkConfig.CONFIG_DEF);

  private static final Map<Pattern, String> RETIRED = retired();

  /** Retired only in texts for users: in code, a lane is a consumer of one stream. */
  private static final Map<Pattern, String> RETIRED_FOR_USERS = retiredForUsers();

  /** In order: comments, text blocks, strings, characters. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>//[^\\n]*|/\\*(?s:.*?)\\*/)"
              + "|\"\"\"(?<block>(?s:.*?))\"\"\""
              + "|\"(?<string>(?:\\\\.|[^\"\\\\\\n])*)\""
              + "|'(?:\\\\.|[^'\\\\\\n])+'");

  private static final Pattern JOIN = Pattern.compile("\\s*\\+\\s*");
  private static final Pattern TEST_NAME =
      Pattern.compile("@\\w*Test\\b[^;{}]*?\\bvoid ([a-z]\\w+)\\(");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\\n]*`");

  private static Map<Pattern, String> retired() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("put(s|ting)? aside", "dead-letter");
    words.put("on (its|their|the) way", "in flight");
    words.put("anew", "again, or recreate");
    words.put("(is|was|are|were|it|them) made again", "recreated");
    words.put("made again", "recreated");
    words.put("cut off", "fenced, or partitioned");
    words.put("tells?|told|untold", "report, show");
    words.put("foreign", "of other programs");
    words.put("sweeps?", "takeover batch");
    words.put("forsakes?|forsaken", "abandon");
    words.put("heed(s|ed)?", "apply, respect");
    words.put("orphans?", "former consumers");
    words.put("former lanes?", "former consumers");
    words.put("(is|are|was|were) to be", "must be");
    words.put("for ever", "forever");
    words.put("contenders?", "candidate");
    words.put("(can not|cannot) be had", "is unavailable");
    words.put("(is|are) passed over", "is skipped");
    return compiled(words);
  }

  private static Map<Pattern, String> retiredForUsers() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("lanes?", "consumer");
    // the Prometheus Operator is a product
    words.put("(?-i:operators?)", "configuration (kind of error), or user");
    words.put("Redis is out", "Redis is unavailable");
    words.put("ceilings?", "baseline");
    return compiled(words);
  }

  private static Map<Pattern, String> compiled(Map<String, String> words) {
    Map<Pattern, String> patterns = new LinkedHashMap<>();
    words.forEach(
        (word, better) ->
            patterns.put(Pattern.compile("(?i)(?<![\\w./])(?:" + word + ")(?![\\w/])"), better));
    return patterns;
  }

  private static List<String> modules() {
    return MODULES;
  }

  private static List<String> tests() {
    return TESTS;
  }

  @Test
  void settingsSpeakOfKafkaAndRedis() {
    List<String> found = new ArrayList<>();
    SETTINGS.forEach(
        (connector, def) ->
            def.configKeys()
                .values()
                .forEach(
                    key -> {
                      String where = connector + " setting " + key.name;
                      found.addAll(retiredIn(where, key.name, true));
                      found.addAll(retiredIn(where, key.displayName, true));
                      found.addAll(retiredIn(where, key.documentation, true));
                    }));

    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void logLinesMessagesAndMetricsSpeakOfKafkaAndRedis(String module) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources(module, "main")) {
      for (String text : strings(Files.readString(file))) {
        found.addAll(retiredIn(file.toString(), text, true));
      }
    }

    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void commentsSpeakOfKafkaAndRedis(String module) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources(module, "main")) {
      for (String comment : comments(Files.readString(file))) {
        found.addAll(retiredIn(file.toString(), comment, false));
      }
    }

    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("tests")
  void testNamesSpeakOfKafkaAndRedis(String module) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources(module, "test")) {
      for (MatchResult name : TEST_NAME.matcher(Files.readString(file)).results().toList()) {
        found.addAll(retiredIn(file.toString(), words(name.group(1)), false));
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void pagesSpeakOfKafkaAndRedis() throws IOException {
    List<String> found = new ArrayList<>();
    List<Path> pages = pages();
    for (Path page : pages) {
      String prose = CODE.matcher(Files.readString(page)).replaceAll(" ");
      found.addAll(retiredIn(page.toString(), prose, true));
    }

    assertThat(pages).hasSizeGreaterThan(25);
    assertThat(found).isEmpty();
  }

  @Test
  void examplesAlertsAndTheDashboardSpeakOfKafkaAndRedis() throws IOException {
    List<String> found = new ArrayList<>();
    for (String root : TEXTS) {
      List<Path> files = texts(Path.of("..", root));
      assertThat(files).as("texts in " + root).isNotEmpty();
      for (Path file : files) {
        String prose = CODE.matcher(Files.readString(file)).replaceAll(" ");
        found.addAll(retiredIn(file.toString(), prose, true));
      }
    }

    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'LOG.warn(\"{}: it was cut\" + \" off\", group);', cut off",
    "'x(\"y\"); // \"cut off\" is a comment', ''",
    "'x(\"a \\\" put aside\");', put aside",
    "'char quote = ''\"''; x(\"lane\");', lane",
  })
  void aRetiredWordIsFoundWhereverItsTextIsBroken(String source, String word) {
    List<String> found = new ArrayList<>();
    for (String text : strings(source)) {
      found.addAll(retiredIn("X.java", text, true));
    }

    assertThat(found).hasSize(word.isEmpty() ? 0 : 1).allMatch(line -> line.contains(word));
  }

  private static List<String> retiredIn(String where, String text, boolean isForUsers) {
    List<String> found = new ArrayList<>();
    RETIRED.forEach((word, better) -> found.addAll(lines(where, text, word, better)));
    if (isForUsers) {
      RETIRED_FOR_USERS.forEach((word, better) -> found.addAll(lines(where, text, word, better)));
    }
    return found;
  }

  private static List<String> lines(String where, String text, Pattern word, String better) {
    String flat = text.replaceAll("\\s*\\n\\s*(?:\\*|//)?\\s*", " ");
    return word.matcher(flat)
        .results()
        .map(
            hit ->
                where
                    + ": '"
                    + hit.group()
                    + "' (write: "
                    + better
                    + ") in: …"
                    + flat.substring(
                        Math.max(0, hit.start() - 40), Math.min(flat.length(), hit.end() + 40))
                    + "…")
        .toList();
  }

  /** The README and the pages of the documentation; code in them is not checked. */
  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("../README.md")));
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      files
          .filter(file -> file.toString().endsWith(".md") && !file.startsWith("target"))
          .forEach(pages::add);
    }
    return pages;
  }

  private static List<Path> texts(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.startsWith(root.resolve("target")))
          .filter(file -> TEXT.matcher(file.toString()).matches())
          .toList();
    }
  }

  private static List<Path> sources(String module, String kind) {
    Path root = Path.of("..", module, "src", kind, "java");
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(found).as("sources below " + root).isNotEmpty();
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** String literals; those that a plus joins are one. */
  private static List<String> strings(String source) {
    List<String> strings = new ArrayList<>();
    Matcher token = TOKEN.matcher(source);
    int end = -1;
    while (token.find()) {
      String text = token.group("string") != null ? token.group("string") : token.group("block");
      if (text == null) {
        end = -1;
        continue;
      }
      boolean isJoined = end >= 0 && JOIN.matcher(source.substring(end, token.start())).matches();
      if (isJoined) {
        strings.set(strings.size() - 1, strings.get(strings.size() - 1) + text);
      } else {
        strings.add(text);
      }
      end = token.end();
    }
    return strings;
  }

  private static List<String> comments(String source) {
    List<String> comments = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    int end = -1;
    Matcher token = TOKEN.matcher(source);
    while (token.find()) {
      String comment = token.group("comment");
      if (comment == null) {
        continue;
      }
      boolean goesOn =
          comment.startsWith("//") && end >= 0 && source.substring(end, token.start()).isBlank();
      if (!goesOn) {
        comments.add(lines.toString());
        lines.setLength(0);
      }
      lines.append(comment).append('\n');
      end = token.end();
    }
    comments.add(lines.toString());
    return comments;
  }

  /** A name in camel case as words. */
  private static String words(String name) {
    return name.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
