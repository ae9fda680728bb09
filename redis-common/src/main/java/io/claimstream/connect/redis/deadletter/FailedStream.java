/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.config.ConfigKey;
import java.util.OptionalLong;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * The dead letter stream in the configuration of both connectors.
 *
 * @param name the stream's key; empty if there is none
 * @param maxLength the approximate maximum number of entries; empty if all are kept
 */
public record FailedStream(String name, OptionalLong maxLength) {
  public static final String NAME = "redis.failed.stream";
  public static final String MAX_LENGTH = "redis.failed.stream.max.length";

  /**
   * Declares the settings.
   *
   * @param doc the connector's description of {@link #NAME}
   */
  public static void define(ConfigDef def, String group, String doc) {
    ConfigKey.of(NAME, Type.STRING)
        .defaultsTo("claims:failed")
        .displayName("Dead letter stream")
        .doc(doc)
        .addTo(def, group);
    ConfigKey.limit(MAX_LENGTH)
        .importance(Importance.LOW)
        .displayName("Dead letter stream: maximum length")
        .doc(
            "Approximate maximum number of entries in redis.failed.stream. Redis trims the oldest"
                + " entries, read or not, in whole nodes whenever a dead letter is appended (MAXLEN"
                + " ~). -1 keeps all.")
        .addTo(def, group);
  }

  /** Reads the settings that {@link #define} declares. */
  public static FailedStream of(AbstractConfig config) {
    return new FailedStream(config.getString(NAME).trim(), ConfigKey.limit(config, MAX_LENGTH));
  }

  /** Returns whether no stream is configured. */
  public boolean isOff() {
    return name.isEmpty();
  }

  /** Returns the command that appends an entry, without its fields. */
  public Command append() {
    Command append = Command.of("XADD", name);
    maxLength.ifPresent(most -> append.add("MAXLEN").add("~").add(most));
    return append.add("*");
  }
}
