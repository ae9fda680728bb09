/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.source.deadletter.DroppedRecords;
import io.claimstream.connect.source.discovery.StreamPattern;
import io.claimstream.connect.source.discovery.StreamSelection;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.lane.DeliveryLimit;
import io.claimstream.connect.source.lane.Lane;
import io.claimstream.connect.source.lane.LaneSettings;
import io.claimstream.connect.source.record.EventConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Settings of the source connector, parsed and typed. */
public final class RedisStreamSourceConfig extends AbstractConfig {
  public static final String STREAMS = "redis.streams";
  public static final String STREAMS_PATTERN = "redis.streams.pattern";
  public static final String PATTERN_INTERVAL = "redis.streams.pattern.interval.ms";
  public static final String GROUP = "redis.group";
  public static final String CONSUMERS_PER_STREAM = "redis.consumers.per.stream";
  public static final String START_ID = "redis.start.id";
  public static final String READ_COUNT = "redis.read.count";
  public static final String READ_BLOCK = "redis.read.block.ms";
  public static final String MAX_DELIVERIES = "redis.max.deliveries";
  public static final String CLAIM_IDLE = "redis.claim.idle.ms";
  public static final String MAX_LENGTH = "redis.stream.max.length";
  public static final String RETENTION = "redis.stream.retention.ms";
  public static final String FAILED_STREAM = FailedStream.NAME;
  public static final String DEAD_LETTER_TOPIC = EventConfig.DEAD_LETTER_TOPIC;
  public static final String TOPIC = EventConfig.TOPIC;
  public static final String EVENT_FORMAT = EventConfig.EVENT_FORMAT;
  public static final String EVENT_SCHEMAS = EventConfig.EVENT_SCHEMAS;
  public static final String EVENT_VERSION = EventConfig.EVENT_VERSION;
  public static final String KEY_FIELD = EventConfig.KEY_FIELD;
  public static final String TIMESTAMP_FIELD = EventConfig.TIMESTAMP_FIELD;
  public static final String TYPE_FIELD = EventConfig.TYPE_FIELD;
  public static final String VERSION_FIELD = EventConfig.VERSION_FIELD;
  public static final String UNKNOWN_FIELDS = EventConfig.UNKNOWN_FIELDS;
  public static final String RECORD_TIMESTAMP = EventConfig.RECORD_TIMESTAMP;
  public static final String DROPPED_RECORDS = "dropped.records";
  public static final String MAX_BYTES = EventConfig.MAX_BYTES;
  public static final String MOST_IN_FLIGHT = "records.in.flight.max";
  public static final String HEARTBEAT_TOPIC = "heartbeat.topic";

  /** Lanes of a task; set by the connector, never by a user. */
  static final String LANES = "claimstream.consumers";

  /** Number of the task, from 0; set by the connector, never by a user. */
  static final String TASK = "claimstream.task";

  private static final int FEWEST_DELIVERIES = 2;

  /** Definition of every setting. */
  public static final ConfigDef CONFIG_DEF = SourceConfigDef.make();

  private final String connector;

  /**
   * Parses the configuration of a connector or a task.
   *
   * @throws ConfigException if a setting is invalid
   */
  public RedisStreamSourceConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties, false); // redis.uri may hold a password: not logged
    this.connector = properties.getOrDefault("name", "claimstream");
  }

  /** The connector's name. */
  public String connector() {
    return connector;
  }

  /** The connection settings for Redis. */
  public RedisSettings redis() {
    return RedisConnectionConfig.settings(this, connector);
  }

  /** The streams to read, trimmed and without duplicates; none if a pattern finds them. */
  public List<String> streams() {
    return pattern().isPresent()
        ? List.of()
        : getList(STREAMS).stream().map(String::trim).distinct().toList();
  }

  /** The pattern of the streams to read; empty if they are listed. */
  Optional<StreamPattern> pattern() {
    String text = getString(STREAMS_PATTERN).trim();
    return text.isEmpty() ? Optional.empty() : Optional.of(StreamPattern.parse(text));
  }

  /** Which of the streams that match the pattern are read. */
  StreamSelection selection(StreamPattern pattern) {
    return new StreamSelection(
        pattern,
        failedStream().name(),
        events().topic(),
        List.of(deadLetterTopic(), heartbeatTopic()));
  }

  /** Time between two searches for streams that match the pattern. */
  Duration patternInterval() {
    return Duration.ofMillis(getLong(PATTERN_INTERVAL));
  }

  /** Whether {@code redis.streams} is set, and not only has its default. */
  boolean listsStreams() {
    return originals().containsKey(STREAMS);
  }

  /** The consumer group. */
  public String group() {
    return getString(GROUP);
  }

  /** Number of lanes on each stream. */
  public int lanesPerStream() {
    return getInt(CONSUMERS_PER_STREAM);
  }

  /** Every lane of the connector on these streams. */
  List<Lane> lanes(List<String> streams) {
    return Lane.all(streams, lanesPerStream());
  }

  /** The lanes of this task. */
  public List<Lane> taskLanes() {
    String lanes = originalsStrings().get(LANES);
    if (lanes == null) {
      throw new ConfigException(
          LANES, null, "is set by the connector for each task; remove it from the configuration");
    }
    return Stream.of(lanes.split(",")).map(Lane::parse).toList();
  }

  /** The number of this task, from 0. */
  public String task() {
    return originalsStrings().getOrDefault(TASK, "0");
  }

  /** The limits on retrying during a Redis outage, from Connect's {@code errors.retry.*}. */
  public RetryLimits retryLimits() {
    return RetryLimits.of(originalsStrings());
  }

  /** The treatment of entries whose records Connect dropped. */
  DroppedRecords droppedRecords() {
    return EnumChoice.parse(DroppedRecords.class, getString(DROPPED_RECORDS));
  }

  /** The treatment of bad entries, from Connect's {@code errors.*}. */
  ErrorSettings errors() {
    return ErrorSettings.of(originalsStrings());
  }

  /** The dead letter topic; empty = none. */
  public String deadLetterTopic() {
    return getString(DEAD_LETTER_TOPIC).trim();
  }

  /** Maximum records in flight per lane; at least 1. */
  public int mostInFlight() {
    return getInt(MOST_IN_FLIGHT);
  }

  /** The heartbeat topic; empty = no heartbeats. */
  public String heartbeatTopic() {
    return getString(HEARTBEAT_TOPIC).trim();
  }

  /** The start position of a new group. */
  public StartPosition startPosition() {
    return StartPosition.parse(getString(START_ID));
  }

  /** The settings that apply to all lanes. */
  LaneSettings laneSettings() {
    return new LaneSettings(
        lanesPerStream(),
        startPosition(),
        pattern().isEmpty(),
        readCount(),
        new DeliveryLimit(maxDeliveries()),
        !deadLetterTopic().isEmpty(),
        claimIdle(),
        redis().commandTimeout());
  }

  /** Maximum entries per read. */
  public int readCount() {
    return getInt(READ_COUNT);
  }

  /** Maximum time a read waits for new entries. */
  public Duration readBlock() {
    return Duration.ofMillis(getInt(READ_BLOCK));
  }

  /**
   * Deliveries at which an entry is delivered alone for the first time, before it is dead-lettered;
   * 0 = never, also if no dead letter stream or topic is set.
   *
   * <p>Never 1: Redis counts an entry as delivered when it is read, and a stopped task has read
   * ahead entries that it never emitted.
   */
  public int maxDeliveries() {
    boolean hasNoDeadLetters = failedStream().isOff() && deadLetterTopic().isEmpty();
    int most = getInt(MAX_DELIVERIES);
    return hasNoDeadLetters || most == 0 ? 0 : Math.max(FEWEST_DELIVERIES, most);
  }

  /**
   * Idle time after which pending entries of other programs' consumers are taken over; empty =
   * never.
   */
  public Optional<Duration> claimIdle() {
    long millis = getLong(CLAIM_IDLE);
    return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /** Whether the connector trims its streams. */
  boolean trims() {
    return ConfigKey.limit(this, MAX_LENGTH).isPresent()
        || ConfigKey.limit(this, RETENTION).isPresent();
  }

  /**
   * The limits of the streams that are read.
   *
   * @param clock the worker's clock
   */
  Retention retention(InstantSource clock) {
    OptionalLong millis = ConfigKey.limit(this, RETENTION);
    Optional<Duration> age =
        millis.isEmpty() ? Optional.empty() : Optional.of(Duration.ofMillis(millis.getAsLong()));
    return Retention.ofReader(group(), ConfigKey.limit(this, MAX_LENGTH), age, clock);
  }

  /** The dead letter stream; off if its name is empty. */
  public FailedStream failedStream() {
    return FailedStream.of(this);
  }

  /** The settings of events. */
  public EventConfig events() {
    return new EventConfig(this, List.of(deadLetterTopic(), heartbeatTopic()));
  }
}
