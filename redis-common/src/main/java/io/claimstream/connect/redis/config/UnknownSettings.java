/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigValue;

/**
 * Detects settings that nothing reads: misspelt ones, those of another product, and those of the
 * other connector. Connect accepts any setting, and the connector would silently use its defaults
 * instead.
 */
public final class UnknownSettings {
  private static final List<String> PREFIXES =
      List.of("redis.", "event.", "errors.", "record.", "records.", "heartbeat.");

  /**
   * The settings that Connect itself reads from a connector's configuration, including prefixes.
   */
  private static final List<String> OF_CONNECT =
      List.of(
          "name",
          "connector.",
          "tasks.max",
          "key.converter",
          "value.converter",
          "header.converter",
          "config.action.reload",
          "transforms",
          "predicates",
          "errors.retry.timeout",
          "errors.retry.delay.max.ms",
          "errors.tolerance",
          "errors.log.enable",
          "errors.log.include.messages",
          "errors.deadletterqueue.topic.name",
          "errors.deadletterqueue.topic.replication.factor",
          "errors.deadletterqueue.context.headers.enable",
          "exactly.once.support",
          "transaction.boundary",
          "offsets.storage.topic",
          "topic.creation.",
          "topics",
          "producer.override.",
          "consumer.override.",
          "admin.override.");

  /** Maximum edit distance between a name and the setting that was probably meant. */
  private static final int MOST_TYPING_ERRORS = 2;

  private static final int LETTERS_PER_TYPING_ERROR = 4;

  private UnknownSettings() {}

  /**
   * Adds a problem for each unknown setting.
   *
   * @param result the result of the connector's own validation; its values are the known settings
   * @param given the names of all settings in the configuration
   */
  public static void check(Config result, Collection<String> given) {
    Set<String> known = new HashSet<>();
    result.configValues().forEach(value -> known.add(value.name()));
    boolean hasProvider = given.contains(RedisConnectionConfig.CREDENTIALS_PROVIDER);
    for (String name : given) {
      boolean isOfProvider =
          hasProvider && name.startsWith(RedisConnectionConfig.CREDENTIALS_PREFIX);
      if (!known.contains(name) && !isOfProvider) {
        problem(name, known)
            .ifPresent(
                text -> {
                  // without its value, which may be a password
                  ConfigValue value = new ConfigValue(name);
                  value.addErrorMessage(text);
                  result.configValues().add(value);
                });
      }
    }
  }

  private static Optional<String> problem(String name, Set<String> known) {
    if (isOfConnect(name)) {
      return Optional.empty();
    }
    String nearest = nearest(name, known);
    // a short name is similar to many others
    boolean isClose =
        distance(name, nearest)
            <= Math.min(MOST_TYPING_ERRORS, name.length() / LETTERS_PER_TYPING_ERROR);
    boolean isOurs = PREFIXES.stream().anyMatch(name::startsWith);
    if (known.contains("redis." + name)) {
      return Optional.of(text(name, "redis." + name));
    }
    return isOurs || isClose ? Optional.of(text(name, nearest)) : Optional.empty();
  }

  private static boolean isOfConnect(String name) {
    return OF_CONNECT.stream()
        .anyMatch(
            setting ->
                name.equals(setting)
                    || (setting.endsWith(".") && name.startsWith(setting))
                    || (!setting.startsWith("errors.") && name.startsWith(setting + ".")));
  }

  private static String text(String name, String nearest) {
    return "'"
        + name
        + "' is not a setting of this connector and would have no effect: did you mean '"
        + nearest
        + "'?";
  }

  private static String nearest(String name, Set<String> known) {
    return Stream.concat(known.stream(), OF_CONNECT.stream())
        .filter(other -> !other.endsWith("."))
        .min(
            Comparator.<String>comparingInt(other -> distance(name, other))
                .thenComparing(Comparator.naturalOrder()))
        .orElse(name);
  }

  /** Returns the Levenshtein distance: how many letters must be inserted, deleted or replaced. */
  private static int distance(String one, String other) {
    int[] above = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int exchanged = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(exchanged, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }
}
