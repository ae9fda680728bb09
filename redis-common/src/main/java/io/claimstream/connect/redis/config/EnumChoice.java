/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef.Recommender;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** An enum's constants as the values of a setting: {@code AT_LEAST_ONCE} as at-least-once. */
public final class EnumChoice<E extends Enum<E>> implements Validator, Recommender {
  private final Class<E> type;

  /** Creates a choice among all constants of that enum. */
  public EnumChoice(Class<E> type) {
    this.type = type;
  }

  /** Returns the constant as written in a configuration. */
  public static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the constant for the text.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static <E extends Enum<E>> E parse(Class<E> type, String text) {
    return Enum.valueOf(type, text.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  @Override
  public void ensureValid(String name, @Nullable Object value) {
    try {
      parse(type, String.valueOf(value));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(name, value, "must be " + this);
    }
  }

  @Override
  public List<Object> validValues(String name, Map<String, Object> parsedConfig) {
    return List.copyOf(texts());
  }

  @Override
  public boolean visible(String name, Map<String, Object> parsedConfig) {
    return true;
  }

  @Override
  public String toString() {
    return "one of " + String.join(", ", texts());
  }

  private List<String> texts() {
    return Arrays.stream(type.getEnumConstants()).map(EnumChoice::text).toList();
  }
}
