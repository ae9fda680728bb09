/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** Checks a configuration against Redis and writes what is wrong to the setting at fault. */
final class LiveCheck {
  private static final Set<String> USABLE_TYPES = Set.of("none", "stream");

  private final List<ConfigValue> values;
  private final Function<RedisSettings, RedisConnections> redis;

  /**
   * A check that adds to those values' errors.
   *
   * @param values each valid by itself
   */
  LiveCheck(List<ConfigValue> values, Function<RedisSettings, RedisConnections> redis) {
    this.values = values;
    this.redis = redis;
  }

  /** Takes at most the connect timeout and a few command timeouts for each server of redis.uri. */
  void check(Map<String, String> properties) {
    try {
      RedisStreamSinkConfig config = new RedisStreamSinkConfig(properties);
      RedisConnections connections = redis.apply(config.redis());
      if (config.stream().hasTopic()) {
        ping(connections, config.stream().text());
      } else {
        checkType(connections, RedisStreamSinkConfig.STREAM, config.stream().text());
      }
      if (config.toleratesErrors() && !config.failedStream().isEmpty()) {
        checkType(connections, RedisStreamSinkConfig.FAILED_STREAM, config.failedStream());
      }
    } catch (KafkaException e) {
      String message = String.valueOf(e.getMessage());
      pinTo(settingAtFault(e, message), message);
    }
  }

  private String settingAtFault(KafkaException e, String message) {
    if (e instanceof ConfigException) {
      return settingNamedIn(message);
    }
    return e instanceof RedisOutageException
        ? RedisConnectionConfig.URI
        : settingOfRefusal(message);
  }

  private static void ping(RedisConnections connections, String key) {
    try (RedisConnection connection = connections.open(key)) {
      connection.call(Command.of("PING"));
    }
  }

  private void checkType(RedisConnections connections, String setting, String key) {
    try (RedisConnection connection = connections.open(key)) {
      String type = String.valueOf(Replies.text(connection.call(Command.of("TYPE", key))));
      if (!USABLE_TYPES.contains(type)) {
        pinTo(setting, "key " + key + " holds a " + type + ", not a stream");
      }
    }
  }

  private String settingOfRefusal(String message) {
    if (message.contains("NOAUTH") || message.contains("WRONGPASS")) {
      return RedisConnectionConfig.PASSWORD;
    }
    if (message.contains("NOPERM")) {
      return RedisConnectionConfig.USERNAME;
    }
    // a store that cannot be read is named by its path
    return values.stream()
        .filter(value -> value.name().startsWith("redis.ssl."))
        .filter(value -> value.value() instanceof String path && !path.isBlank())
        .filter(value -> message.contains((String) value.value()))
        .findFirst()
        .map(ConfigValue::name)
        .orElse(RedisConnectionConfig.URI);
  }

  /** Such an error names its setting first; the longest name, if one begins with another. */
  private String settingNamedIn(String message) {
    return values.stream()
        .map(ConfigValue::name)
        .filter(message::contains)
        .min(
            Comparator.<String>comparingInt(message::indexOf)
                .thenComparing(Comparator.comparingInt(String::length).reversed()))
        .orElse(""); // one of Connect's own, which Connect checks
  }

  private void pinTo(String setting, String message) {
    values.stream()
        .filter(value -> value.name().equals(setting))
        .forEach(value -> value.addErrorMessage(message));
  }
}
