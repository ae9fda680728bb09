/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.TextValidator;
import java.util.OptionalLong;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * The stream of dead letters, as both connectors configure it.
 *
 * @param name its key; empty if there is none
 * @param maxLength how many entries are kept, about; empty if all are
 */
public record FailedStream(String name, OptionalLong maxLength) {
  public static final String NAME = "redis.failed.stream";
  public static final String MAX_LENGTH = "redis.failed.stream.max.length";

  private static final long OFF = -1;

  /**
   * Declares the settings.
   *
   * @param doc what the connector does with the stream
   */
  public static void define(ConfigDef def, String group, String doc) {
    ConfigKey.of(NAME, Type.STRING)
        .defaultsTo("claims:failed")
        .displayName("Failed stream")
        .doc(doc)
        .addTo(def, group);
    ConfigKey.of(MAX_LENGTH, Type.LONG)
        .defaultsTo(OFF)
        .validatedBy(TextValidator.of("-1 or a positive number", FailedStream::checkMaxLength))
        .importance(Importance.LOW)
        .displayName("Failed stream: maximum length")
        .doc(
            "Number of entries to keep in redis.failed.stream, about: whenever a dead letter is"
                + " appended, Redis drops the oldest by whole nodes of its tree (MAXLEN ~), whether"
                + " anybody has read them or not. -1 keeps all.")
        .addTo(def, group);
  }

  private static void checkMaxLength(String text) {
    long value = Long.parseLong(text);
    if (value != OFF && value < 1) {
      throw new IllegalArgumentException("is neither");
    }
  }

  /** Reads the settings that {@link #define} declares. */
  public static FailedStream of(AbstractConfig config) {
    long maxLength = config.getLong(MAX_LENGTH);
    return new FailedStream(
        config.getString(NAME).trim(),
        maxLength == OFF ? OptionalLong.empty() : OptionalLong.of(maxLength));
  }

  /** Whether there is no such stream. */
  public boolean isOff() {
    return name.isEmpty();
  }

  /** The command that appends an entry, without its fields. */
  public Command append() {
    Command append = Command.of("XADD", name);
    maxLength.ifPresent(most -> append.add("MAXLEN").add("~").add(most));
    return append.add("*");
  }
}
