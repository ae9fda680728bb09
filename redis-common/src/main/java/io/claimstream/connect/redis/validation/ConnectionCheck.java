/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.RedisUris;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a connector's {@code validate} that needs Redis: connects, checks the server, the
 * streams and the user's permissions, and reports each problem at the setting that caused it. Runs
 * only if every setting is valid by itself.
 */
public final class ConnectionCheck {
  private static final String TRUSTSTORE = "redis.ssl.truststore.location";
  private static final String KEYSTORE = "redis.ssl.keystore.location";

  private static final String OF_CONNECT = "for configuration errors.";

  /** Time within which a client expects an answer of Connect's REST API. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Maximum time for one connection or reply, even if the settings allow a task more. */
  private static final Duration HURRY = Duration.ofMillis(2_500);

  private final Map<String, ConfigValue> values;
  private final Function<RedisSettings, RedisConnections> redis;

  /** Creates a check that adds its findings to these values. */
  public ConnectionCheck(Config config, Function<RedisSettings, RedisConnections> redis) {
    this.values =
        config.configValues().stream()
            .collect(Collectors.toMap(ConfigValue::name, Function.identity()));
    this.redis = redis;
    hidePasswords(values.get(RedisConnectionConfig.URI));
  }

  /** Hides passwords. Connect shows the value of each setting that is not of type password. */
  private static void hidePasswords(@Nullable ConfigValue uri) {
    if (uri != null && uri.value() instanceof List<?> uris) {
      uri.value(uris.stream().map(each -> RedisUris.withoutPassword(each.toString())).toList());
    }
  }

  /** Returns whether any setting is invalid. */
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

  /**
   * Runs a test of several settings together; its exception is reported at the setting that it
   * names.
   */
  public void test(Runnable test) {
    if (hasErrors()) {
      return;
    }
    try {
      test.run();
    } catch (ConfigException e) {
      String problem = String.valueOf(e.getMessage());
      if (!problem.contains(OF_CONNECT)) { // Connect checks and reports those itself
        pin(settingNamedIn(problem), problem);
      }
    }
  }

  /**
   * Connects within a few seconds, and checks whether the connector can work there.
   *
   * @param keys the keys that the connector uses; none to test the connection only
   */
  public void connect(Supplier<RedisSettings> settings, List<RequiredAccess> keys) {
    connect(settings, any -> keys, true);
  }

  /**
   * Does the same for a connector that finds its keys in Redis.
   *
   * @param keys returns the keys that the connector uses now; must itself take little time
   */
  public void connect(
      Supplier<RedisSettings> settings, Function<RedisConnections, List<RequiredAccess>> keys) {
    connect(settings, keys, true);
  }

  /** Does the same for a connector that writes nothing, so that a replica suffices. */
  public void connectToRead(Supplier<RedisSettings> settings, List<RequiredAccess> keys) {
    connect(settings, any -> keys, false);
  }

  private void connect(
      Supplier<RedisSettings> settings,
      Function<RedisConnections, List<RequiredAccess>> keys,
      boolean needsMaster) {
    test(
        () ->
            check(settings.get(), keys, needsMaster)
                .forEach(problem -> pin(problem.setting(), problem.text())));
  }

  private List<Problem> check(
      RedisSettings settings,
      Function<RedisConnections, List<RequiredAccess>> keys,
      boolean needsMaster) {
    try {
      RedisConnections connections = redis.apply(settings.withTimeoutsAtMost(HURRY));
      ServerProbe probe = new ServerProbe(connections, settings.topology(), needsMaster);
      return await(settings, () -> probe.problems(keys.apply(connections)));
    } catch (RedisOutageException | RedisConfigurationException e) {
      return List.of(ConnectionProblem.problem(String.valueOf(e.getMessage()), settings));
    } catch (ConfigException e) {
      String text = String.valueOf(e.getMessage());
      return List.of(new Problem(settingNamedIn(text), text));
    } catch (KafkaException e) {
      String text = String.valueOf(e.getMessage());
      return List.of(new Problem(tlsSettingOf(text), text));
    }
  }

  /**
   * Waits for the result of a separate thread: a name server, or a host behind a firewall that
   * drops packets, may take longer than the caller of Connect's REST API waits.
   */
  private List<Problem> await(RedisSettings settings, Supplier<List<Problem>> probe) {
    FutureTask<List<Problem>> found = new FutureTask<>(probe::get);
    Thread thread = new Thread(found, "claimstream-connection-check");
    thread.setDaemon(true);
    thread.start();
    try {
      return found.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return List.of(
          new Problem(
              RedisConnectionConfig.URI,
              "no reply from "
                  + settings.endpoints()
                  + " within "
                  + PATIENCE.toSeconds()
                  + " s: check that the worker can reach it"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptException(e);
    }
  }

  /**
   * Returns the setting that the error begins with; the longest name, if one is the prefix of
   * another.
   */
  private String settingNamedIn(String message) {
    return values.keySet().stream()
        .filter(message::contains)
        .min(
            Comparator.<String>comparingInt(message::indexOf)
                .thenComparing(Comparator.comparingInt(String::length).reversed()))
        .orElse(RedisConnectionConfig.URI);
  }

  /**
   * Returns the setting by the store's path if the message contains it: Kafka calls a truststore a
   * keystore, too.
   */
  private String tlsSettingOf(String message) {
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
