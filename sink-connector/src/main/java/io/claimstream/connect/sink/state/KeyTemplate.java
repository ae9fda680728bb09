/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.sink.encode.ScalarText;
import io.claimstream.connect.sink.write.Destination;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * The names of a read model's keys, such as {@code claim:${key}}: one key for each record key, or
 * for each value of some fields.
 *
 * @param text the configured template
 */
record KeyTemplate(String text) implements Destination {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(?:key|field:([^{}$]+))}");

  /** A hash tag that every key has, whatever the values of the placeholders. */
  private static final Pattern CONSTANT_TAG =
      Pattern.compile("[^{$]*\\{[^{}$]+}.*", Pattern.DOTALL);

  /**
   * Validates the template.
   *
   * @throws IllegalArgumentException with the reason if it is invalid
   */
  KeyTemplate {
    if (text.isBlank()) {
      throw new IllegalArgumentException("is empty");
    }
    if (constants(text).contains("$")) {
      throw new IllegalArgumentException(
          "contains a placeholder other than ${key} and ${field:<name>}");
    }
    if (!PLACEHOLDER.matcher(text).find()) {
      throw new IllegalArgumentException(
          "contains neither ${key} nor ${field:<name>}: every record would have the same key");
    }
  }

  private static String constants(String text) {
    return PLACEHOLDER.matcher(text).replaceAll("");
  }

  @Override
  public String setting() {
    return StateSinkConfig.KEY;
  }

  @Override
  public String noun() {
    return "keys";
  }

  @Override
  public boolean hasTopic() {
    return false;
  }

  @Override
  public String of(String topic) {
    return text;
  }

  /** Returns the template without placeholders, which has the hash tag of the keys. */
  @Override
  public String anchor(String name) {
    return constants(text);
  }

  /** Returns whether all keys have one hash tag, and therefore one slot of a Cluster. */
  boolean hasConstantTag() {
    return CONSTANT_TAG.matcher(text).matches();
  }

  /** Returns the key with the same text in the place of every placeholder. */
  String with(String value) {
    return PLACEHOLDER.matcher(text).replaceAll(Matcher.quoteReplacement(value));
  }

  /**
   * Returns the record's key in Redis.
   *
   * @throws DataException if the record lacks what the template needs
   */
  String of(SinkRecord record) {
    Function<MatchResult, String> text =
        placeholder -> Matcher.quoteReplacement(valueOf(placeholder, record));
    return PLACEHOLDER.matcher(text()).replaceAll(text);
  }

  private static String valueOf(MatchResult placeholder, SinkRecord record) {
    String field = placeholder.group(1);
    return field == null ? scalar("key", record.keySchema(), record.key()) : ofField(field, record);
  }

  private static String ofField(String name, SinkRecord record) {
    String what = "field '" + name + "'";
    Object value = record.value();
    if (value instanceof Struct struct) {
      Field field = struct.schema().field(name);
      return field == null
          ? scalar(what, null, null)
          : scalar(what, field.schema(), struct.get(field));
    }
    if (value instanceof Map<?, ?> map) {
      Schema schema = record.valueSchema();
      return scalar(what, schema == null ? null : schema.valueSchema(), map.get(name));
    }
    throw new DataException(
        value == null
            ? "has no value, and redis.key needs its " + what + "; only ${key} can delete keys"
            : "has a value without fields, and redis.key needs its " + what);
  }

  private static String scalar(String what, @Nullable Schema schema, @Nullable Object value) {
    if (value == null) {
      throw new DataException("has no " + what + ", which redis.key needs");
    }
    String text = ScalarText.of(schema, value);
    if (text == null) {
      throw new DataException(
          "has a " + what + " that is neither text nor a number, and redis.key needs it");
    }
    if (text.isEmpty()) {
      throw new DataException("has an empty " + what + ", and redis.key needs it");
    }
    return text;
  }
}
