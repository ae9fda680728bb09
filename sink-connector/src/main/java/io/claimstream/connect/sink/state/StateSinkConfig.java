/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisTopology;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.sink.SinkConfig;
import io.claimstream.connect.sink.deliver.Durability;
import io.claimstream.connect.sink.write.Destination;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** Settings of the state sink connector; data only. */
public final class StateSinkConfig extends SinkConfig {
  public static final String KEY = "redis.key";
  public static final String TYPE = "redis.type";
  public static final String TTL = "redis.key.ttl.ms";
  public static final String WRITE_COUNT = "redis.write.count";

  private static final String GROUP = "Keys";

  /** A hundred years. Redis rejects a time that ends after the last millisecond it can count. */
  private static final long LONGEST_TTL = 100L * 365 * 24 * 60 * 60 * 1_000;

  /** Every setting of the state sink connector. */
  public static final ConfigDef CONFIG_DEF = define();

  private final KeyTemplate keys;

  /**
   * Parses a configuration.
   *
   * @throws ConfigException on the first invalid setting, or if the keys of a Cluster have no
   *     common slot
   */
  public StateSinkConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties);
    this.keys = new KeyTemplate(getString(KEY));
    if (redis().topology() == RedisTopology.CLUSTER && !keys.hasConstantTag()) {
      throw new ConfigException(
          KEY,
          keys.text(),
          "must begin with a hash tag without placeholders, such as {claims}:claim:${key}: a Cluster"
              + " writes keys and offsets in one atomic step only within one slot");
    }
  }

  private static ConfigDef define() {
    ConfigDef def = new ConfigDef();
    ConfigKey.of(KEY, Type.STRING)
        .validatedBy(
            TextValidator.of("a template such as claim:${key}", text -> new KeyTemplate(text)))
        .importance(Importance.HIGH)
        .displayName("Key")
        .doc(
            "Template of the keys, such as claim:${key}. ${key} is replaced with the record's key,"
                + " ${field:<name>} with a field of its value; both must be text or a number. Each"
                + " record replaces the whole value of its key, and a record without a value"
                + " deletes it. In a Cluster all keys must have one hash tag, before the first"
                + " placeholder: {claims}:claim:${key}.")
        .addTo(def, GROUP);
    ConfigKey.of(TYPE, Type.STRING)
        .oneOf(StateType.HASH)
        .importance(Importance.HIGH)
        .displayName("Type")
        .doc(
            "What a key holds. hash: a field per member of the record's value. json-string: a"
                + " string with the value as JSON. json: a document of RedisJSON, which the server"
                + " must have. Members without a value are left out.")
        .addTo(def, GROUP);
    ConfigKey.limit(TTL)
        .validatedBy(
            TextValidator.of("-1, or a number from 1 to " + LONGEST_TTL, StateSinkConfig::checkTtl))
        .displayName("Time to live")
        .doc(
            "Milliseconds after which Redis deletes a key that no record has written again. -1"
                + " keeps keys.")
        .addTo(def, GROUP);
    ConfigKey.of(WRITE_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 10_000))
        .importance(Importance.LOW)
        .width(Width.SHORT)
        .displayName("Records per write")
        .doc(
            "Maximum records in flight to Redis per topic-partition. Also limited to about 1 MiB"
                + " for all partitions of a task. Redis processes them while Connect polls the next"
                + " records.")
        .addTo(def, GROUP);
    Durability.define(def, GROUP);
    FailedStream.define(
        def,
        "Records",
        "Stream that receives an entry for each bad record with errors.tolerance=all: topic,"
            + " partition, offset and reason, as error_* fields. The record itself goes to"
            + " errors.deadletterqueue.topic.name. Empty turns these entries off.");
    RedisConnectionConfig.define(def);
    return def;
  }

  private static void checkTtl(String text) {
    long millis = Long.parseLong(text);
    if (millis != -1 && (millis < 1 || millis > LONGEST_TTL)) {
      throw new IllegalArgumentException("is out of range");
    }
  }

  @Override
  public Destination destination() {
    return keys;
  }

  /** Returns the template of the keys. */
  KeyTemplate keys() {
    return keys;
  }

  /** Returns what a key holds. */
  public StateType type() {
    return EnumChoice.parse(StateType.class, getString(TYPE));
  }

  /** Returns the time to live of a key, in milliseconds; empty if keys are kept. */
  public OptionalLong ttl() {
    return ConfigKey.limit(this, TTL);
  }

  /** Returns the maximum records in flight per topic-partition. */
  public int writeCount() {
    return getInt(WRITE_COUNT);
  }
}
