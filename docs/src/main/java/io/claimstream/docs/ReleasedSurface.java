/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import io.claimstream.connect.redis.client.SlotKeys;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.sink.RedisStreamSinkConnector;
import io.claimstream.connect.sink.state.RedisStateSinkConnector;
import io.claimstream.connect.sink.state.StateSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import io.claimstream.connect.source.RedisStreamSourceConnector;
import io.claimstream.connect.source.range.RangeSourceConfig;
import io.claimstream.connect.source.range.RedisStreamRangeSourceConnector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/**
 * What users build on, one line for each thing: connectors, settings, metrics, keys in Redis, and
 * schemas. Settings, schemas and the form of keys are taken from the code; metrics and the contents
 * of keys from their reference pages, the first of which is compared with running workers in the
 * integration tests.
 */
public final class ReleasedSurface {
  private static final Pattern HEADING = Pattern.compile("#{2,3} `?([^`]+)`?");
  private static final Pattern BAR = Pattern.compile("(?<!\\\\)\\|");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private ReleasedSurface() {}

  /**
   * Writes the lines of this build.
   *
   * @param arguments the folder of the documentation, and the file to write
   */
  public static void main(String[] arguments) throws IOException {
    Files.write(Path.of(arguments[1]), lines(Path.of(arguments[0])));
  }

  /**
   * Returns the lines of this build, sorted.
   *
   * @param docs the folder of the documentation, in the repository
   */
  public static SortedSet<String> lines(Path docs) throws IOException {
    SortedSet<String> lines = new TreeSet<>();
    connector(
        lines, "source", RedisStreamSourceConnector.class, RedisStreamSourceConfig.CONFIG_DEF);
    connector(
        lines, "range-source", RedisStreamRangeSourceConnector.class, RangeSourceConfig.CONFIG_DEF);
    connector(lines, "sink", RedisStreamSinkConnector.class, RedisStreamSinkConfig.CONFIG_DEF);
    connector(lines, "state-sink", RedisStateSinkConnector.class, StateSinkConfig.CONFIG_DEF);
    metrics(lines, Files.readAllLines(docs.resolve("reference/metrics.md")));
    keys(lines, Files.readAllLines(docs.resolve("reference/redis-keys.md")));
    schemas(lines, docs.resolve("../schemas/src/main/resources/schemas").normalize());
    return lines;
  }

  private static void connector(
      SortedSet<String> lines, String connector, Class<?> type, ConfigDef settings) {
    lines.add("connector " + connector + " " + type.getName());
    for (ConfigKey key : settings.configKeys().values()) {
      if (!key.name.equals(RedisConnectionConfig.SSL_ENGINE_FACTORY)) {
        lines.add(
            "setting "
                + connector
                + " "
                + key.name
                + " "
                + key.type.name().toLowerCase(Locale.ROOT)
                + " "
                + (key.hasDefault() ? "default " + defaultText(key) : "required"));
      }
    }
  }

  private static String defaultText(ConfigKey key) {
    @Nullable Object value = key.defaultValue;
    if (value == null) {
      return "none";
    }
    if (key.name.endsWith("manager.algorithm")) {
      return "of the JVM";
    }
    String text =
        value instanceof List<?> list
            ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
            : String.valueOf(value);
    return text.isEmpty() ? "empty" : text;
  }

  /** The rows of the tables of metrics, and the names of the MBeans. */
  private static void metrics(SortedSet<String> lines, List<String> page) {
    String section = "";
    for (String line : page) {
      section = section(section, line);
      List<String> cells = cells(line);
      if (section.isEmpty() && line.contains("kafka.connect:type=")) {
        lines.add("mbean " + name(cells.get(0)) + " " + codes(cells.get(1)).get(0));
      } else if (!section.isEmpty() && cells.size() > 1 && isKind(cells.get(1))) {
        for (String metric : codes(cells.get(0))) {
          lines.add("metric " + name(section) + " " + metric + " " + cells.get(1));
        }
      }
    }
  }

  private static boolean isKind(String cell) {
    return List.of("counter", "timing", "gauge").contains(cell);
  }

  /** The form of a key, and what the sections of the keys say of their fields and values. */
  private static void keys(SortedSet<String> lines, List<String> page) {
    lines.add("redis-key " + SlotKeys.sibling("<stream>", "<purpose>", "<name>", "<a:b>"));
    lines.add("redis-key " + SlotKeys.sibling("a{<tag>}", "<purpose>", "<name>"));
    String current = "";
    for (String line : page) {
      current = section(current, line);
      String section = current;
      List<String> cells = cells(line);
      if (cells.size() == 4 && cells.get(1).startsWith("`claimstream:")) {
        lines.add("redis-key " + codes(cells.get(0)).get(0) + " " + cells.get(2));
      } else if (cells.size() == 2 && List.of("field", "value").contains(cells.get(0))) {
        codes(cells.get(1)).stream()
            .limit(1)
            .forEach(form -> lines.add("redis-key " + section + " " + cells.get(0) + " " + form));
      }
    }
  }

  private static void schemas(SortedSet<String> lines, Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files = found.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Schema schema = new Schema.Parser().parse(Files.readString(file));
      long fingerprint =
          SchemaNormalization.fingerprint64(schema.toString().getBytes(StandardCharsets.UTF_8));
      String version = folder.relativize(file).toString().replace(".avsc", "").replace('\\', '/');
      lines.add("schema " + version + " " + Long.toHexString(fingerprint));
    }
  }

  private static String section(String current, String line) {
    Matcher heading = HEADING.matcher(line);
    return heading.matches() ? heading.group(1) : current;
  }

  private static String name(String text) {
    return text.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  private static List<String> cells(String line) {
    if (!line.startsWith("| ")) {
      return List.of();
    }
    return BAR.splitAsStream(line.substring(1)).map(String::strip).toList();
  }

  private static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
  }
}
