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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The part of a connector's {@code validate} that needs Redis: connects, looks at the streams, and
 * pins each problem on the setting that caused it. Runs only when every setting is right by itself.
 */
public final class ConnectionCheck {
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
    test(
        () -> {
          try {
            RedisConnections connections = redis.apply(settings.get());
            for (String stream : streams.isEmpty() ? List.of("") : streams) {
              look(connections, stream, streamSetting);
            }
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

  private void look(RedisConnections connections, String stream, String streamSetting) {
    try (RedisConnection connection = connections.open(stream)) {
      if (stream.isEmpty()) {
        connection.call(Command.of("PING"));
        return;
      }
      String type = Replies.text(connection.call(Command.of("TYPE", stream)));
      if (!"stream".equals(type) && !"none".equals(type)) {
        pin(streamSetting, "key '" + stream + "' holds a " + type + ", not a stream");
      }
    }
  }

  private String settingNamedIn(String message) {
    return values.keySet().stream()
        .filter(message::contains)
        .max(Comparator.comparingInt(String::length))
        .orElse(RedisConnectionConfig.URI);
  }

  private static String settingOf(RedisOperatorException refused) {
    String message = String.valueOf(refused.getMessage());
    if (message.contains("NOAUTH") || message.contains("WRONGPASS") || message.contains("AUTH")) {
      return RedisConnectionConfig.PASSWORD;
    }
    return message.contains("NOPERM") ? RedisConnectionConfig.USERNAME : RedisConnectionConfig.URI;
  }

  private static String tlsSettingOf(KafkaException unreadable) {
    return String.valueOf(unreadable.getMessage()).contains("keystore")
        ? "redis.ssl.keystore.location"
        : "redis.ssl.truststore.location";
  }
}
