/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.source.deadletter.DroppedRecords;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.read.StartPosition;
import io.claimstream.connect.source.record.RecordTime;
import io.claimstream.connect.source.record.TopicTemplate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The source connector's settings; data only. */
public final class RedisStreamSourceConfig extends AbstractConfig {
  public static final String STREAMS = "redis.streams";
  public static final String GROUP = "redis.group";
  public static final String CONSUMERS_PER_STREAM = "redis.consumers.per.stream";
  public static final String START_ID = "redis.start.id";
  public static final String READ_COUNT = "redis.read.count";
  public static final String READ_BLOCK = "redis.read.block.ms";
  public static final String MAX_DELIVERIES = "redis.max.deliveries";
  public static final String CLAIM_IDLE = "redis.claim.idle.ms";
  public static final String FAILED_STREAM = FailedStream.NAME;
  public static final String DEAD_LETTER_TOPIC = "errors.deadletterqueue.topic.name";
  public static final String TOPIC = "topic";
  public static final String EVENT_FORMAT = "event.format";
  public static final String EVENT_SCHEMAS = "event.schemas";
  public static final String EVENT_VERSION = "event.version";
  public static final String KEY_FIELD = "event.key.field";
  public static final String TIMESTAMP_FIELD = "event.timestamp.field";
  public static final String TYPE_FIELD = "event.type.field";
  public static final String VERSION_FIELD = "event.version.field";
  public static final String UNKNOWN_FIELDS = "unknown.fields";
  public static final String RECORD_TIMESTAMP = "record.timestamp";
  public static final String DROPPED_RECORDS = "dropped.records";
  public static final String MAX_BYTES = "event.max.bytes";
  public static final String MOST_IN_FLIGHT = "records.in.flight.max";
  public static final String HEARTBEAT_TOPIC = "heartbeat.topic";

  private static final String VALUE_CONVERTER = "value.converter";

  /** Connect's setting: a connector's own topic of offsets. */
  private static final String OFFSETS_TOPIC = "offsets.storage.topic";

  /** Connect's setting. */
  private static final String TOPIC_RETENTION = "topic.creation.default.retention.ms";

  /** Which lanes a task has; set by the connector, never by a user. */
  static final String LANES = "claimstream.lanes";

  /** Which of the connector's tasks it is, from 0; set by the connector, never by a user. */
  static final String TASK = "claimstream.task";

  private static final int FEWEST_DELIVERIES = 2;

  /** How a value of the stream is to be understood. */
  public enum EventFormat {
    /** Typed by a versioned schema. */
    EVENT,
    /** The fields as they are. */
    GENERIC
  }

  /** Every setting, with its group, order, default and check. */
  public static final ConfigDef CONFIG_DEF = SourceConfigDef.make();

  private final String connector;

  /**
   * Reads a connector's or a task's configuration.
   *
   * @throws ConfigException on the setting that is wrong
   */
  public RedisStreamSourceConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties, false); // redis.uri may hold a password: not logged
    this.connector = properties.getOrDefault("name", "claimstream");
  }

  /** The connector's name. */
  public String connector() {
    return connector;
  }

  /** How to reach Redis. */
  public RedisSettings redis() {
    return RedisConnectionConfig.settings(this, connector);
  }

  /** The streams to read, without blanks. */
  public List<String> streams() {
    return getList(STREAMS).stream().map(String::trim).distinct().toList();
  }

  /** The consumer group. */
  public String group() {
    return getString(GROUP);
  }

  /** How many lanes read each stream. */
  public int lanesPerStream() {
    return getInt(CONSUMERS_PER_STREAM);
  }

  /** Every lane of the connector. */
  public List<Lane> allLanes() {
    return Lane.all(streams(), lanesPerStream());
  }

  /** The lanes of this task. */
  public List<Lane> taskLanes() {
    String lanes = originalsStrings().get(LANES);
    if (lanes == null) {
      throw new ConfigException(LANES, null, "is set by the connector for each task");
    }
    return Stream.of(lanes.split(",")).map(Lane::parse).toList();
  }

  /** The number of this task. */
  public String task() {
    return originalsStrings().getOrDefault(TASK, "0");
  }

  /** How long an outage of Redis may last, by Connect's {@code errors.retry.*}. */
  public RetryLimits retryLimits() {
    return RetryLimits.of(originalsStrings());
  }

  /** What to do with entries whose records were dropped on the way. */
  DroppedRecords droppedRecords() {
    return EnumChoice.parse(DroppedRecords.class, getString(DROPPED_RECORDS));
  }

  /** What to do with bad entries, by Connect's {@code errors.*}. */
  ErrorSettings errors() {
    return ErrorSettings.of(originalsStrings());
  }

  /** Where dead letters go in Kafka; empty = nowhere. */
  public String deadLetterTopic() {
    return getString(DEAD_LETTER_TOPIC).trim();
  }

  /** How many records of a lane may be on their way; at least 1. */
  public int mostInFlight() {
    return getInt(MOST_IN_FLIGHT);
  }

  /** The topic for heartbeats; empty if there are none. */
  public String heartbeatTopic() {
    return getString(HEARTBEAT_TOPIC).trim();
  }

  /** How large an event may be. What the converter is, only the connector's own setting tells. */
  public SizeLimit sizeLimit() {
    String converter = originalsStrings().getOrDefault(VALUE_CONVERTER, "");
    return new SizeLimit(getInt(MAX_BYTES), converter.contains("Json"));
  }

  /** Where a new group begins. */
  public StartPosition startPosition() {
    return StartPosition.parse(getString(START_ID));
  }

  /** Most entries of one read. */
  public int readCount() {
    return getInt(READ_COUNT);
  }

  /** How long a read waits for new entries. */
  public Duration readBlock() {
    return Duration.ofMillis(getInt(READ_BLOCK));
  }

  /**
   * After how many deliveries an entry is given up; 0 = never, as without a place to put it.
   *
   * <p>Never 1: Redis counts an entry as delivered when it is read, and a task that is stopped has
   * read entries that it handed to nobody. The second delivery is the first that is a try of the
   * entry alone.
   */
  public int maxDeliveries() {
    boolean nowhere = failedStream().isOff() && deadLetterTopic().isEmpty();
    int most = getInt(MAX_DELIVERIES);
    return nowhere || most == 0 ? 0 : Math.max(FEWEST_DELIVERIES, most);
  }

  /** How long entries of other programs' consumers must be pending to be taken; empty = never. */
  public Optional<Duration> claimIdle() {
    long millis = getLong(CLAIM_IDLE);
    return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /** Where entries that cannot be processed go; empty = nowhere. */
  public FailedStream failedStream() {
    return FailedStream.of(this);
  }

  /** The topic of an event. */
  public TopicTemplate topic() {
    List<String> others =
        Stream.of(
                deadLetterTopic(),
                heartbeatTopic(),
                originalsStrings().getOrDefault(OFFSETS_TOPIC, ""))
            .filter(topic -> !topic.isEmpty())
            .toList();
    return TopicTemplate.parse(getString(TOPIC)).reserving(others);
  }

  /** How entries are to be understood. */
  public EventFormat eventFormat() {
    return EnumChoice.parse(EventFormat.class, getString(EVENT_FORMAT));
  }

  /** The versions of the event's schema. */
  public EventSchemas eventSchemas() {
    return EventSchemas.load(getString(EVENT_SCHEMAS));
  }

  /** Under which version events leave. */
  public VersionPolicy versionPolicy() {
    return EnumChoice.parse(VersionPolicy.class, getString(EVENT_VERSION));
  }

  /** What to do with fields that the schema does not name. */
  public UnknownFields unknownFields() {
    return EnumChoice.parse(UnknownFields.class, getString(UNKNOWN_FIELDS));
  }

  /** The fields with a meaning of their own. */
  public EventFields eventFields() {
    return new EventFields(
        getString(KEY_FIELD),
        getString(TIMESTAMP_FIELD),
        getString(TYPE_FIELD),
        getString(VERSION_FIELD));
  }

  /** Of the topics that Connect creates; null if that is the broker's business. */
  public @Nullable Long topicRetention() {
    String millis = originalsStrings().getOrDefault(TOPIC_RETENTION, "").trim();
    return millis.matches("-?[0-9]{1,18}") ? Long.valueOf(millis) : null;
  }

  /** Which time the Kafka record carries. */
  public RecordTime recordTime() {
    return EnumChoice.parse(RecordTime.class, getString(RECORD_TIMESTAMP));
  }
}
