/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Recommender;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/** Builder for one setting of a {@link ConfigDef}. */
public final class ConfigKey {
  private static final long NO_LIMIT = -1;

  private final String name;
  private final ConfigDef.Type type;
  private @Nullable Object defaultValue = ConfigDef.NO_DEFAULT_VALUE;
  private @Nullable Validator validator;
  private @Nullable Recommender recommender;
  private Importance importance = Importance.MEDIUM;
  private Width width = Width.MEDIUM;
  private String displayName;
  private String doc = "";

  private ConfigKey(String name, ConfigDef.Type type) {
    this.name = name;
    this.type = type;
    this.displayName = name;
  }

  /** Declares a required setting; {@link #defaultsTo} makes it optional. */
  public static ConfigKey of(String name, ConfigDef.Type type) {
    return new ConfigKey(name, type);
  }

  /** Declares an optional limit: a positive number, or -1, the default, for none. */
  public static ConfigKey limit(String name) {
    return of(name, ConfigDef.Type.LONG)
        .defaultsTo(NO_LIMIT)
        .validatedBy(
            TextValidator.of(
                "-1 or a positive number",
                text -> {
                  long value = Long.parseLong(text);
                  if (value != NO_LIMIT && value < 1) {
                    throw new IllegalArgumentException("must be -1 or a positive number");
                  }
                }));
  }

  /** Returns the value of a setting that {@link #limit(String)} declares; empty for none. */
  public static OptionalLong limit(AbstractConfig config, String name) {
    long value = config.getLong(name);
    return value == NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** Sets the default. */
  public ConfigKey defaultsTo(@Nullable Object value) {
    this.defaultValue = value;
    return this;
  }

  /** Sets the validator, whose {@code toString} becomes the reference's "valid values". */
  public ConfigKey validatedBy(Validator check) {
    this.validator = check;
    return this;
  }

  /** Allows and recommends the names of an enum, in lower case with dashes; sets the default. */
  public <E extends Enum<E>> ConfigKey oneOf(E byDefault) {
    EnumChoice<E> choice = new EnumChoice<>(byDefault.getDeclaringClass());
    this.validator = choice;
    this.recommender = choice;
    return defaultsTo(EnumChoice.text(byDefault));
  }

  /** Sets the importance. */
  public ConfigKey importance(Importance value) {
    this.importance = value;
    return this;
  }

  /** Sets the width of a form's input. */
  public ConfigKey width(Width value) {
    this.width = value;
    return this;
  }

  /** Sets the label in forms. */
  public ConfigKey displayName(String value) {
    this.displayName = value;
    return this;
  }

  /** Sets the description: what the setting sets, unit, effect, meaning of the default. */
  public ConfigKey doc(String value) {
    this.doc = value;
    return this;
  }

  /** Adds the setting at the end of that group. */
  public void addTo(ConfigDef def, String group) {
    int order =
        (int) def.configKeys().values().stream().filter(key -> group.equals(key.group)).count() + 1;
    def.define(
        name,
        type,
        defaultValue,
        validator,
        importance,
        doc,
        group,
        order,
        width,
        displayName,
        List.of(),
        recommender);
  }
}
