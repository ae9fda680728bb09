/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.sink.state.StateSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import io.claimstream.connect.source.range.RangeSourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/** The settings reference in Markdown, generated from what the connectors declare. */
public final class ConfigReference {
  private static final String TLS_PREFIX = "redis.ssl.";
  private static final Pattern RANGE = Pattern.compile("\\[(-?\\d+),\\.\\.\\.(?:,(-?\\d+))?]");

  /** A name of Kafka's own documentation, which lacks the prefix of these connectors. */
  private static final Pattern KAFKA_NAME =
      Pattern.compile("<code>([^<]+)</code>|'(ssl\\.[a-z.]+)'");

  private final Set<String> anchors = new HashSet<>();
  private final StringBuilder text = new StringBuilder();

  private ConfigReference() {}

  /**
   * Writes the reference.
   *
   * @param arguments the file to write
   */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), text());
  }

  /** The whole reference. */
  public static String text() {
    return new ConfigReference().page();
  }

  private String page() {
    text.append(
        """
        # Settings

        Generated from the connectors' own declarations; do not edit. After a change run
        `./mvnw -q -pl docs -am package -DskipTests && java -cp "$(cat docs/target/classpath):docs/target/classes" io.claimstream.docs.ConfigReference docs/reference/settings.md`.

        Each setting has an anchor of its name, such as `settings.md#redis.uri`. The settings that [both connectors](#both-connectors) share are listed once. Connect's own settings are explained for the [source](../source.md#connects-settings) and the [sink](../sink.md#connects-settings).

        """);
    ConfigDef source = RedisStreamSourceConfig.CONFIG_DEF;
    ConfigDef range = RangeSourceConfig.CONFIG_DEF;
    ConfigDef sink = RedisStreamSinkConfig.CONFIG_DEF;
    ConfigDef state = StateSinkConfig.CONFIG_DEF;
    section(
        "Source",
        "`io.claimstream.connect.source.RedisStreamSourceConnector`",
        source,
        key -> !isShared(key, sink));
    section(
        "Range source",
        "`io.claimstream.connect.source.range.RedisStreamRangeSourceConnector`. The settings"
            + " that it shares with the source are listed there.",
        range,
        key -> !isShared(key, source));
    section(
        "Sink",
        "`io.claimstream.connect.sink.RedisStreamSinkConnector`",
        sink,
        key -> !isShared(key, source));
    section(
        "State sink",
        "`io.claimstream.connect.sink.state.RedisStateSinkConnector`. The settings that it shares"
            + " with the sink are listed there.",
        state,
        key -> !isShared(key, source) && !isShared(key, sink));
    section(
        "Both connectors",
        "The settings of source and sink alike.",
        source,
        key -> isShared(key, sink));
    return text.toString().stripTrailing() + "\n";
  }

  private static boolean isShared(ConfigKey key, ConfigDef other) {
    ConfigKey same = other.configKeys().get(key.name);
    return same != null && cells(key).equals(cells(same));
  }

  private void section(
      String title, String introduction, ConfigDef def, Predicate<ConfigKey> filter) {
    text.append("## ").append(title).append("\n\n").append(introduction).append("\n\n");
    for (String group : def.groups()) {
      List<ConfigKey> keys = keys(def, group).stream().filter(filter).toList();
      if (!keys.isEmpty()) {
        text.append("### ").append(title).append(": ").append(group).append("\n\n");
        text.append("| Setting | Default | Effect |\n|---|---|---|\n");
        keys.forEach(key -> text.append(row(title, key)));
        text.append('\n');
      }
    }
  }

  private static List<ConfigKey> keys(ConfigDef def, String group) {
    return def.configKeys().values().stream()
        .filter(key -> group.equals(key.group))
        .filter(key -> !key.name.equals(RedisConnectionConfig.SSL_ENGINE_FACTORY))
        .sorted((a, b) -> Integer.compare(a.orderInGroup, b.orderInGroup))
        .toList();
  }

  private String row(String title, ConfigKey key) {
    String anchor =
        anchors.add(key.name)
            ? key.name
            : title.toLowerCase(Locale.ROOT).replace(' ', '-') + '-' + key.name;
    return "| <a id=\"" + anchor + "\"></a>" + cells(key);
  }

  /** A row without its anchor: two connectors that share a setting have the same. */
  private static String cells(ConfigKey key) {
    return "`"
        + key.name
        + "`<br>"
        + key.type.name().toLowerCase(Locale.ROOT)
        + ", "
        + key.importance.name().toLowerCase(Locale.ROOT)
        + " | "
        + defaultText(key)
        + " | "
        + cell(sentence(documentation(key)) + valid(key))
        + " |\n";
  }

  private static String documentation(ConfigKey key) {
    if (!key.name.startsWith(TLS_PREFIX)) {
      return key.documentation.replace("<", "&lt;");
    }
    String kafkas =
        key.documentation
            .replace("default <code>ssl.engine.factory.class</code>", "TLS implementation")
            .replace("Default SSL engine factory", "The TLS implementation");
    return KAFKA_NAME
        .matcher(kafkas)
        .replaceAll(
            name -> {
              String setting = name.group(1) == null ? name.group(2) : name.group(1);
              return Matcher.quoteReplacement("`redis." + setting + "`");
            });
  }

  private static String sentence(String text) {
    String stripped = text.strip();
    return stripped.endsWith(".") ? stripped : stripped + ".";
  }

  private static String valid(ConfigKey key) {
    String check = key.validator == null ? "" : key.validator.toString().strip();
    Matcher range = RANGE.matcher(check);
    if (range.matches()) {
      check =
          range.group(2) == null
              ? range.group(1) + " or more"
              : range.group(1) + " to " + range.group(2);
    }
    return check.isEmpty() ? "" : " Valid: " + check.replace("<", "&lt;") + ".";
  }

  private static String defaultText(ConfigKey key) {
    if (!key.hasDefault()) {
      return "required";
    }
    @Nullable Object value = key.defaultValue;
    String text =
        value instanceof List<?> list
            ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
            : String.valueOf(value);
    return value == null ? "none" : text.isEmpty() ? "empty" : '`' + text + '`';
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s+", " ").trim();
  }
}
