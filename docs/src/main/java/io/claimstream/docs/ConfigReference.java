/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.source.RedisStreamSourceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/** The configuration reference in Markdown, made of what the connectors themselves declare. */
public final class ConfigReference {

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
    return """
        # Settings

        Generated from the connectors' own declarations; do not edit. After a change run
        `./mvnw -q -pl docs -am package -DskipTests && java -cp "$(cat docs/target/classpath):docs/target/classes" io.claimstream.docs.ConfigReference docs/CONFIG.md`.

        Connect's own settings that mean something here are in [GUARANTEES.md](GUARANTEES.md#connects-settings).

        """
        + connector(
            "Source",
            "io.claimstream.connect.source.RedisStreamSourceConnector",
            RedisStreamSourceConfig.CONFIG_DEF)
        + connector(
            "Sink",
            "io.claimstream.connect.sink.RedisStreamSinkConnector",
            RedisStreamSinkConfig.CONFIG_DEF);
  }

  private static String connector(String title, String type, ConfigDef def) {
    StringBuilder text =
        new StringBuilder("## ").append(title).append("\n\n`").append(type).append("`\n\n");
    for (String group : def.groups()) {
      text.append("### ").append(title).append(": ").append(group).append("\n\n");
      text.append("| Setting | Default | Effect |\n|---|---|---|\n");
      for (ConfigKey key : keys(def, group)) {
        text.append(row(key));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static List<ConfigKey> keys(ConfigDef def, String group) {
    return def.configKeys().values().stream()
        .filter(key -> group.equals(key.group))
        .filter(key -> !key.name.equals(RedisConnectionConfig.SSL_ENGINE_FACTORY))
        .sorted((a, b) -> Integer.compare(a.orderInGroup, b.orderInGroup))
        .toList();
  }

  private static String row(ConfigKey key) {
    String check = key.validator == null ? "" : key.validator.toString();
    String valid = check.isBlank() ? "" : " Valid: " + check + ".";
    return "| `"
        + key.name
        + "`<br>"
        + key.type.name().toLowerCase(Locale.ROOT)
        + ", "
        + key.importance.name().toLowerCase(Locale.ROOT)
        + " | "
        + defaultText(key)
        + " | "
        + cell(key.documentation + valid)
        + " |\n";
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
