/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.range;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.source.record.EventConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** Settings of the range source connector, parsed and typed. */
public final class RangeSourceConfig extends AbstractConfig {
  public static final String STREAMS = "redis.streams";
  public static final String FROM = "redis.range.from";
  public static final String TO = "redis.range.to";
  public static final String READ_COUNT = "redis.read.count";
  public static final String DEAD_LETTER_TOPIC = EventConfig.DEAD_LETTER_TOPIC;
  public static final String MOST_IN_FLIGHT = "records.in.flight.max";
  public static final String HEARTBEAT_TOPIC = "heartbeat.topic";

  /** Streams of a task; set by the connector, never by a user. */
  static final String TASK_STREAMS = "claimstream.streams";

  /** Number of the task, from 0; set by the connector, never by a user. */
  static final String TASK = "claimstream.task";

  /** Definition of every setting. */
  public static final ConfigDef CONFIG_DEF = define();

  private final String connector;

  /**
   * Parses the configuration of a connector or a task.
   *
   * @throws ConfigException if a setting is invalid
   */
  public RangeSourceConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties, false); // redis.uri may hold a password: not logged
    this.connector = properties.getOrDefault("name", "claimstream");
    StreamRange range = range();
    if (range.from().isAfter(range.to())) {
      throw new ConfigException(
          TO,
          getString(TO),
          "is before redis.range.from=" + getString(FROM) + ": the range is empty");
    }
  }

  private static ConfigDef define() {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    defineReading(def, "Reading");
    EventConfig.define(def, "Events", null);
    defineErrors(def, "Errors");
    return def;
  }

  private static void defineReading(ConfigDef def, String group) {
    ConfigKey.of(STREAMS, Type.LIST)
        .defaultsTo("claims:events")
        .validatedBy(TextValidator.notBlank())
        .importance(Importance.HIGH)
        .displayName("Streams")
        .doc("Streams to read. Each stream belongs to one task.")
        .addTo(def, group);
    ConfigKey.of(FROM, Type.STRING)
        .defaultsTo("0")
        .validatedBy(
            TextValidator.of("0, a stream id, or an ISO-8601 instant", StreamRange::parseFrom))
        .importance(Importance.HIGH)
        .displayName("From")
        .doc(
            "First entry of the range: 0 = the beginning of the stream, a stream id = that entry or"
                + " the next one, an instant such as 2024-08-20T10:30:00Z = entries from that time"
                + " on. Once Connect has an offset for a stream, reading continues after it.")
        .addTo(def, group);
    ConfigKey.of(TO, Type.STRING)
        .defaultsTo("")
        .validatedBy(
            TextValidator.of(
                "a stream id, an ISO-8601 instant, or empty for no end", StreamRange::parseTo))
        .importance(Importance.HIGH)
        .displayName("To")
        .doc(
            "Last entry of the range: a stream id, or an instant. An instant, or an id without a"
                + " sequence, includes the whole millisecond. Empty = no end: new entries are read"
                + " as they arrive.")
        .addTo(def, group);
    ConfigKey.of(READ_COUNT, Type.INT)
        .defaultsTo(5_000)
        .validatedBy(Range.between(1, 100_000))
        .displayName("Read count")
        .doc(
            "Maximum entries per read (COUNT of XREAD). A read is also limited to about 4 MiB,"
                + " estimated from the sizes of recent entries, so fewer large entries are read at"
                + " once.")
        .addTo(def, group);
  }

  private static void defineErrors(ConfigDef def, String group) {
    EventConfig.defineTopic(
        def,
        group,
        DEAD_LETTER_TOPIC,
        "Dead letter topic",
        "Topic for bad entries with errors.tolerance=all, with the schema claim-failure and"
            + " Connect's __connect.errors.* headers. Empty = bad entries are only logged and"
            + " counted; they stay in the stream.");
    EventConfig.defineSize(def, group);
    ConfigKey.of(MOST_IN_FLIGHT, Type.INT)
        .defaultsTo(100_000)
        .validatedBy(Range.atLeast(1))
        .importance(Importance.LOW)
        .displayName("Maximum records in flight")
        .doc(
            "Maximum records in flight per task, plus up to one read of each stream. A record is in"
                + " flight from its handover to Connect until Connect reports it as written or"
                + " dropped. At this limit, or if the entries in flight exceed an eighth of the"
                + " worker's heap, the task stops reading and logs a warning.")
        .addTo(def, group);
    EventConfig.defineTopic(
        def,
        group,
        HEARTBEAT_TOPIC,
        "Heartbeat topic",
        "Topic for heartbeats, which are needed only with exactly-once support and a transform that"
            + " drops records: a worker does not commit a transaction whose records were all"
            + " dropped. event.filter needs no heartbeats. Empty = no heartbeats.");
  }

  /** The connector's name. */
  public String connector() {
    return connector;
  }

  /** The number of this task, from 0. */
  public String task() {
    return originalsStrings().getOrDefault(TASK, "0");
  }

  /** The connection settings for Redis. */
  public RedisSettings redis() {
    return RedisConnectionConfig.settings(this, connector);
  }

  /** The streams to read, trimmed and without duplicates. */
  public List<String> streams() {
    return getList(STREAMS).stream().map(String::trim).distinct().toList();
  }

  /** The streams of this task. */
  List<String> taskStreams() {
    return Stream.of(originalsStrings().getOrDefault(TASK_STREAMS, "").split(",", -1)).toList();
  }

  /** The range of each stream. */
  StreamRange range() {
    return new StreamRange(
        StreamRange.parseFrom(getString(FROM)), StreamRange.parseTo(getString(TO)));
  }

  /** Maximum entries per read. */
  int readCount() {
    return getInt(READ_COUNT);
  }

  /** The dead letter topic; empty = none. */
  public String deadLetterTopic() {
    return getString(DEAD_LETTER_TOPIC).trim();
  }

  /** Maximum records in flight of a task; at least 1. */
  int mostInFlight() {
    return getInt(MOST_IN_FLIGHT);
  }

  /** The heartbeat topic; empty = no heartbeats. */
  public String heartbeatTopic() {
    return getString(HEARTBEAT_TOPIC).trim();
  }

  /** The settings of events. */
  public EventConfig events() {
    return new EventConfig(this, List.of(deadLetterTopic(), heartbeatTopic()));
  }

  /** The limits on retrying during a Redis outage, from Connect's {@code errors.retry.*}. */
  RetryLimits retryLimits() {
    return RetryLimits.of(originalsStrings());
  }

  /** The treatment of bad entries, from Connect's {@code errors.*}. */
  ErrorSettings errors() {
    return ErrorSettings.of(originalsStrings());
  }
}
