/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOperatorException;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The part of a connector's {@code validate} that needs Redis: connects, looks at the streams, and
 * pins each problem on the setting that caused it. Runs only when every setting is right by itself.
 */
public final class ConnectionCheck {
  private static final String TRUSTSTORE = "redis.ssl.truststore.location";
  private static final String KEYSTORE = "redis.ssl.keystore.location";

  private final Map<String, ConfigValue> values;
  private final Function<RedisSettings, RedisConnections> redis;

  /** A check that adds what it finds to these values. */
  public ConnectionCheck(Config config, Function<RedisSettings, RedisConnections> redis) {
    this.values =
        config.configValues().stream()
            .collect(Collectors.toMap(ConfigValue::name, Function.identity()));
    this.redis = redis;
  }

  /** Whether a setting is known to be wrong. */
  public boolean hasErrors() {
    return values.values().stream().anyMatch(value -> !value.errorMessages().isEmpty());
  }

  /** Adds a problem to a setting. */
  public void pin(String setting, String problem) {
    ConfigValue value = values.get(setting);
    if (value == null) {
      throw new ConfigException(setting + ": " + problem);
    }
    value.addErrorMessage(problem);
  }

  /** Runs a test of several settings together; what it throws goes to the one it names. */
  public void test(Runnable test) {
    if (hasErrors()) {
      return;
    }
    try {
      test.run();
    } catch (ConfigException e) {
      String problem = String.valueOf(e.getMessage());
      pin(settingNamedIn(problem), problem);
    }
  }

  /**
   * Connects and looks whether the keys can be streams.
   *
   * @param streams keys to look at; none to try the connection only
   * @param streamSetting the setting that names them
   */
  public void connect(
      Supplier<RedisSettings> settings, Collection<String> streams, String streamSetting) {
    connect(settings, Map.of(streamSetting, streams));
  }

  /**
   * Connects and looks whether the keys can be streams.
   *
   * @param streams by the setting that names them, the keys to look at; none to try the connection
   *     only
   */
  public void connect(
      Supplier<RedisSettings> settings, Map<String, ? extends Collection<String>> streams) {
    test(
        () -> {
          try {
            RedisConnections connections = redis.apply(settings.get());
            if (streams.values().stream().allMatch(Collection::isEmpty)) {
              ping(connections);
            }
            streams.forEach(
                (setting, keys) -> keys.forEach(key -> look(connections, key, setting)));
          } catch (RedisOutageException e) {
            pin(RedisConnectionConfig.URI, String.valueOf(e.getMessage()));
          } catch (RedisOperatorException e) {
            pin(settingOf(e), String.valueOf(e.getMessage()));
          } catch (ConfigException e) {
            throw e;
          } catch (KafkaException e) {
            pin(tlsSettingOf(e), String.valueOf(e.getMessage()));
          }
        });
  }

  private static void ping(RedisConnections connections) {
    try (RedisConnection connection = connections.open("")) {
      connection.call(Command.of("PING"));
    }
  }

  private void look(RedisConnections connections, String key, String setting) {
    try (RedisConnection connection = connections.open(key)) {
      String type = Replies.text(connection.call(Command.of("TYPE", key)));
      if (!"stream".equals(type) && !"none".equals(type)) {
        pin(setting, "key '" + key + "' holds a " + type + ", not a stream");
      }
    }
  }

  /** Such an error names its setting first; the longest name, if one begins with another. */
  private String settingNamedIn(String message) {
    return values.keySet().stream()
        .filter(message::contains)
        .min(
            Comparator.<String>comparingInt(message::indexOf)
                .thenComparing(Comparator.comparingInt(String::length).reversed()))
        .orElse(RedisConnectionConfig.URI);
  }

  private static String settingOf(RedisOperatorException refused) {
    String message = String.valueOf(refused.getMessage());
    if (message.contains("NOAUTH") || message.contains("WRONGPASS") || message.contains("AUTH")) {
      return RedisConnectionConfig.PASSWORD;
    }
    return message.contains("NOPERM") ? RedisConnectionConfig.USERNAME : RedisConnectionConfig.URI;
  }

  /** By the store's path if it is named: Kafka calls a truststore a keystore, too. */
  private String tlsSettingOf(KafkaException unreadable) {
    String message = String.valueOf(unreadable.getMessage());
    return Stream.of(TRUSTSTORE, KEYSTORE)
        .filter(setting -> isNamed(setting, message))
        .findFirst()
        .orElseGet(() -> message.contains("keystore") ? KEYSTORE : TRUSTSTORE);
  }

  private boolean isNamed(String setting, String message) {
    ConfigValue value = values.get(setting);
    return value != null
        && value.value() instanceof String path
        && !path.isBlank()
        && message.contains(path);
  }
}
