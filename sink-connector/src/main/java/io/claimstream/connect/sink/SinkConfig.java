/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.sink.deliver.Durability;
import io.claimstream.connect.sink.deliver.SinkStreams;
import io.claimstream.connect.sink.write.Destination;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.sink.SinkTask;

/** What the settings of the sink connectors have in common; data only. */
public abstract class SinkConfig extends AbstractConfig {
  public static final String FAILED_STREAM = FailedStream.NAME;

  /** Number of the task, from 0. Set by the connector, never by a user. */
  static final String TASK = "claimstream.task";

  static final String ISOLATION_LEVEL = "consumer.override.isolation.level";

  private static final String NAME = "name";

  private final RedisSettings redis;
  private final RetryLimits retryLimits;

  /**
   * Parses a configuration.
   *
   * @throws org.apache.kafka.common.config.ConfigException on the first invalid setting
   */
  @SuppressWarnings("this-escape") // only reads what the constructor above has parsed
  protected SinkConfig(ConfigDef def, Map<String, String> properties) {
    super(def, properties, false);
    this.redis = RedisConnectionConfig.settings(this, "claimstream-sink-" + connector());
    this.retryLimits = RetryLimits.of(originalsStrings());
  }

  /** Returns where to write. */
  public abstract Destination destination();

  /** Returns the connector's name; empty while a configuration without a name is validated. */
  public final String connector() {
    return text(NAME, "");
  }

  /** Returns the number of this task. */
  public final String task() {
    return text(TASK, "0");
  }

  /** Returns the destinations of the connector, and the offsets that it stores beside them. */
  public final SinkStreams streams() {
    return new SinkStreams(connector(), destination());
  }

  /** Returns the Redis connection settings. */
  public final RedisSettings redis() {
    return redis;
  }

  /** Returns the stream for failures; off if none is set. */
  public final FailedStream failedStream() {
    return FailedStream.of(this);
  }

  /** Returns the handling of bad records, set by Connect's {@code errors.*}. */
  public final ErrorSettings errors() {
    return ErrorSettings.of(originals());
  }

  /** Returns whether Connect's topic settings for a sink include that topic. */
  public final boolean consumes(String topic) {
    String regex = text(SinkTask.TOPICS_REGEX_CONFIG, "");
    if (!regex.isBlank()) {
      return Pattern.matches(regex, topic);
    }
    return topics().contains(topic);
  }

  /**
   * Returns whether the connector's own settings let it read records of aborted transactions. The
   * worker's settings may differ, and a connector cannot see them.
   */
  final boolean readsUncommitted() {
    return !text(ISOLATION_LEVEL, "").trim().equalsIgnoreCase("read_committed");
  }

  /** Returns the topics in Connect's {@code topics} setting; empty with {@code topics.regex}. */
  public final List<String> topics() {
    Object topics =
        ConfigDef.parseType(SinkTask.TOPICS_CONFIG, text(SinkTask.TOPICS_CONFIG, ""), Type.LIST);
    return topics instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of();
  }

  /** Returns where writes must be before their offsets are committed. */
  public final Durability durability() {
    return Durability.of(this);
  }

  /** Returns the limits of retrying during an outage. */
  public final RetryLimits retryLimits() {
    return retryLimits;
  }

  private String text(String key, String fallback) {
    Object value = originals().get(key);
    return value == null ? fallback : value.toString();
  }
}
