/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A validator of one setting with the words that the reference and the error use for it.
 *
 * @param words completes the sentence "must be …"
 * @param test throws {@link IllegalArgumentException} for an invalid value
 */
public record TextValidator(String words, Consumer<Object> test) implements Validator {

  /** Returns a validator that tests a text, or each element of a list. */
  public static TextValidator of(String words, Consumer<String> test) {
    return new TextValidator(
        words,
        value -> {
          if (value instanceof List<?> list) {
            list.forEach(element -> test.accept(String.valueOf(element)));
          } else {
            test.accept(value.toString());
          }
        });
  }

  /** Returns a validator for a text, or a list of at least one element, without blanks. */
  public static TextValidator notBlank() {
    return new TextValidator(
        "not empty",
        value -> {
          List<?> values = value instanceof List<?> list ? list : List.of(value);
          if (values.isEmpty() || values.stream().anyMatch(v -> v.toString().isBlank())) {
            throw new IllegalArgumentException("is empty");
          }
        });
  }

  @Override
  public void ensureValid(String name, @Nullable Object value) {
    if (value == null) {
      return; // a setting without a value has its default, or none
    }
    try {
      test.accept(value);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(name, value, "must be " + words + ": " + e.getMessage());
    }
  }

  @Override
  public String toString() {
    return words;
  }
}
