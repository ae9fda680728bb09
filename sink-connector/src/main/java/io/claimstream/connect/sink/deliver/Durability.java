/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.validation.RequiredAccess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/**
 * Where writes must be, besides in the master's memory, before Connect commits their offsets.
 *
 * @param replicas the number of replicas that must have them; 0 for none
 * @param isOnDisk whether the append-only files of the master and of these replicas must have them
 * @see <a href="https://redis.io/docs/latest/commands/wait/">WAIT</a>
 * @see <a href="https://redis.io/docs/latest/commands/waitaof/">WAITAOF</a>
 */
public record Durability(int replicas, boolean isOnDisk) {
  public static final String REPLICAS = "redis.wait.replicas";
  public static final String AOF = "redis.wait.aof";

  /** Time that a commit may take, for all streams together. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Declares the settings. */
  public static void define(ConfigDef def, String group) {
    ConfigKey.of(REPLICAS, Type.INT)
        .defaultsTo(0)
        .validatedBy(Range.between(0, 100))
        .width(Width.SHORT)
        .displayName("Replicas to wait for")
        .doc(
            "Replicas of Redis that must have the writes before Connect commits their offsets"
                + " (WAIT). While fewer have them, offsets are held back, with a warning, and"
                + " writing goes on. 0 commits what the master has; what a failover loses is then"
                + " written again from Kafka. Requires exactly-once delivery.")
        .addTo(def, group);
    ConfigKey.of(AOF, Type.BOOLEAN)
        .defaultsTo(false)
        .width(Width.SHORT)
        .displayName("Wait for the append-only file")
        .doc(
            "Whether the append-only files of the master and of redis.wait.replicas replicas must"
                + " have the writes on disk before Connect commits their offsets (WAITAOF). Requires"
                + " Redis 7.2 or newer with appendonly=yes, and exactly-once delivery.")
        .addTo(def, group);
  }

  /** Reads the settings that {@link #define} declares. */
  public static Durability of(AbstractConfig config) {
    return new Durability(config.getInt(REPLICAS), config.getBoolean(AOF));
  }

  /** Returns whether the master's memory is not enough. */
  public boolean isRequired() {
    return replicas > 0 || isOnDisk;
  }

  /** Returns the setting that requires it, for messages. */
  public String setting() {
    return isOnDisk ? AOF : REPLICAS;
  }

  /** Returns the probe for it, which writes nothing; none if nothing is required. */
  public List<RequiredAccess> access(String key) {
    return isRequired()
        ? List.of(new RequiredAccess(setting(), key, List.of(command(Duration.ofMillis(1)))))
        : List.of();
  }

  /**
   * Returns the commands to send after writes to one of several streams; none if nothing is
   * required. It waits for everything that was written before over the same connection.
   */
  List<Command> commands(int streams) {
    return isRequired() ? List.of(command(PATIENCE.dividedBy(streams))) : List.of();
  }

  private Command command(Duration atMost) {
    long millis = Math.max(1, atMost.toMillis()); // 0 would wait forever
    return isOnDisk
        ? Command.of("WAITAOF", 1, replicas, millis)
        : Command.of("WAIT", replicas, millis);
  }

  /** Returns what is missing according to the replies to {@link #commands}; empty if nothing is. */
  Optional<String> missing(List<@Nullable Object> replies) {
    if (!isRequired()) {
      return Optional.empty();
    }
    Object reply = replies.isEmpty() ? null : replies.get(0);
    if (reply instanceof ErrorReply error) {
      return Optional.of("Redis refused " + name() + ": " + error.text());
    }
    if (reply instanceof Long reached) {
      return missing(1, reached);
    }
    if (reply instanceof List<?> files
        && files.size() == 2
        && files.get(0) instanceof Long local
        && files.get(1) instanceof Long reached) {
      return missing(local, reached);
    }
    return Optional.of("Redis did not reply to " + name());
  }

  private Optional<String> missing(long local, long reached) {
    if (local < 1) {
      return Optional.of("the append-only file of the master does not have them");
    }
    return reached >= replicas
        ? Optional.empty()
        : Optional.of(
            reached
                + " of "
                + replicas
                + (isOnDisk
                    ? " replicas have them in their append-only files"
                    : " replicas have them"));
  }

  private String name() {
    return isOnDisk ? "WAITAOF" : "WAIT";
  }
}
