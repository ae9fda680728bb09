/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.retry.RetryLimits;
import io.claimstream.connect.sink.deliver.Delivery;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.write.Trim;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.sink.SinkTask;

/** The sink's settings; data only. */
public final class RedisStreamSinkConfig extends AbstractConfig {
  /** Which of the connector's tasks it is, from 0; set by the connector, never by a user. */
  static final String TASK = "claimstream.task";

  public static final String STREAM = "redis.stream";
  public static final String DELIVERY = "redis.delivery";
  public static final String MAX_LENGTH = "redis.stream.max.length";
  public static final String RETENTION = "redis.stream.retention.ms";
  public static final String TRIM = "redis.stream.trim";
  public static final String WRITE_COUNT = "redis.write.count";
  public static final String NULL_VALUES = "behavior.on.null.values";
  public static final String BYTES_FORMAT = "redis.bytes.format";
  public static final String HEADERS_PREFIX = "redis.headers.prefix";
  static final String ISOLATION_LEVEL = "consumer.override.isolation.level";
  public static final String FAILED_STREAM = FailedStream.NAME;

  private static final String NAME = "name";

  private static final String STREAM_GROUP = "Stream";
  private static final String RECORD_GROUP = "Records";
  private static final long OFF = -1;

  /** Every key the sink knows. */
  public static final ConfigDef CONFIG_DEF = define();

  private final StreamTemplate stream;
  private final RedisSettings redis;
  private final RetryLimits retryLimits;

  /**
   * Reads a configuration.
   *
   * @throws ConfigException on the first setting that is wrong
   */
  public RedisStreamSinkConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties, false);
    this.stream = new StreamTemplate(getString(STREAM));
    this.redis = RedisConnectionConfig.settings(this, "claimstream-sink-" + connector());
    this.retryLimits = RetryLimits.of(originalsStrings());
  }

  private static ConfigDef define() {
    ConfigDef def = new ConfigDef();
    ConfigKey.of(STREAM, Type.STRING)
        .defaultsTo("claims:analytics")
        .validatedBy(TextValidator.of("the name of a stream", StreamTemplate::new))
        .importance(Importance.HIGH)
        .displayName("Stream")
        .doc(
            "Stream that records are appended to. ${topic} stands for the record's topic as Kafka"
                + " has it, before any transform.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(DELIVERY, Type.STRING)
        .oneOf(Delivery.EXACTLY_ONCE)
        .importance(Importance.HIGH)
        .displayName("Delivery")
        .doc(
            "exactly-once appends and stores the Kafka offset in one atomic step, by a script, in"
                + " the hash claimstream:v1:offsets:{<stream>}:<connector>, and appends again what"
                + " Redis acknowledged and then lost. at-least-once only appends: an entry may be"
                + " there twice after a lost reply or a crash, and what Redis loses stays lost.")
        .addTo(def, STREAM_GROUP);
    limit(
        MAX_LENGTH,
        "Maximum length",
        "Number of entries to keep in the stream, about: Redis drops whole nodes of its tree, as"
            + " with MAXLEN ~. The oldest go first; redis.stream.trim says which may go. -1 keeps"
            + " all.",
        def);
    limit(
        RETENTION,
        "Retention",
        "Age in milliseconds up to which entries are kept in the stream, about (MINID ~), by the"
            + " clock of the worker; redis.stream.trim says which of the older ones may go. -1 keeps"
            + " all.",
        def);
    ConfigKey.of(TRIM, Type.STRING)
        .oneOf(Trim.ACKNOWLEDGED)
        .displayName("What may be trimmed")
        .doc(
            "What the two limits may drop. acknowledged: only entries that every consumer group of"
                + " the stream has read and acknowledged, so that a group which lags or has stopped"
                + " keeps the stream longer than its limits, with a warning in the log; a stream"
                + " without groups is trimmed as with any. any: the oldest entries, read or not.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(WRITE_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 10_000))
        .importance(Importance.LOW)
        .width(Width.SHORT)
        .displayName("Entries per write")
        .doc(
            "Maximum entries in flight to Redis: of a topic-partition with redis.delivery=exactly-once,"
                + " otherwise of a stream. Also limited to about 1 MiB for each stream. Redis works"
                + " on them while Connect reads the next records: batches that are larger make the"
                + " task wait (consumer.override.max.poll.records).")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(NULL_VALUES, Type.STRING)
        .oneOf(NullValues.IGNORE)
        .displayName("On null values")
        .doc(
            "What a record without a value (a tombstone) does. ignore: it is skipped. fail: it is a"
                + " bad record, and errors.tolerance decides. headers: an entry is made of its"
                + " headers, for which redis.headers.prefix has to be set.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(BYTES_FORMAT, Type.STRING)
        .oneOf(BytesFormat.BASE64)
        .importance(Importance.LOW)
        .displayName("Bytes")
        .doc(
            "How fields of type bytes are written: as base64 text or raw. Inside nested values,"
                + " which are JSON, they are always base64.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(HEADERS_PREFIX, Type.STRING)
        .defaultsTo("")
        .importance(Importance.LOW)
        .displayName("Prefix of headers")
        .doc(
            "Headers of a record become fields of the entry whose names begin with this, such as"
                + " header. for header.trace-id. Empty leaves headers out. Set"
                + " header.converter=org.apache.kafka.connect.storage.StringConverter to keep text"
                + " as it is: Connect's default guesses types, so that 007 becomes 7.")
        .addTo(def, RECORD_GROUP);
    FailedStream.define(
        def,
        RECORD_GROUP,
        "With errors.tolerance=all, stream that gets an entry for each bad record: topic,"
            + " partition, offset and reason, as error_* fields. The record itself goes to"
            + " errors.deadletterqueue.topic.name. Empty turns these entries off.");
    RedisConnectionConfig.define(def);
    return def;
  }

  private static void limit(String name, String displayName, String doc, ConfigDef def) {
    ConfigKey.of(name, Type.LONG)
        .defaultsTo(OFF)
        .validatedBy(
            TextValidator.of(
                "-1 or a positive number",
                text -> {
                  long value = Long.parseLong(text);
                  if (value != OFF && value < 1) {
                    throw new IllegalArgumentException("is neither");
                  }
                }))
        .displayName(displayName)
        .doc(doc)
        .addTo(def, STREAM_GROUP);
  }

  /** The connector's name; empty while a configuration without one is being checked. */
  public String connector() {
    return text(NAME, "");
  }

  /** The number of this task. */
  public String task() {
    return text(TASK, "0");
  }

  /** Where records go. */
  public StreamTemplate stream() {
    return stream;
  }

  /** How to reach Redis. */
  public RedisSettings redis() {
    return redis;
  }

  /** How often a record may be appended. */
  public Delivery delivery() {
    return EnumChoice.parse(Delivery.class, getString(DELIVERY));
  }

  /** Entries to keep. */
  public OptionalLong maxLength() {
    long length = getLong(MAX_LENGTH);
    return length == OFF ? OptionalLong.empty() : OptionalLong.of(length);
  }

  /** Age up to which entries are kept. */
  public Optional<Duration> retention() {
    long millis = getLong(RETENTION);
    return millis == OFF ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /** What the limits may drop. */
  public Trim trim() {
    return EnumChoice.parse(Trim.class, getString(TRIM));
  }

  /** Entries of a stream, or with exactly-once of a topic-partition, that are on their way. */
  public int writeCount() {
    return getInt(WRITE_COUNT);
  }

  /** What a tombstone does. */
  public NullValues nullValues() {
    return EnumChoice.parse(NullValues.class, getString(NULL_VALUES));
  }

  /** How a field of bytes is written. */
  public BytesFormat bytesFormat() {
    return EnumChoice.parse(BytesFormat.class, getString(BYTES_FORMAT));
  }

  /** What the names of the fields of headers begin with; empty leaves headers out. */
  public String headersPrefix() {
    return getString(HEADERS_PREFIX).trim();
  }

  /** Stream of failures; empty for none. */
  public FailedStream failedStream() {
    return FailedStream.of(this);
  }

  /** What to do with bad records, by Connect's {@code errors.*}. */
  public ErrorSettings errors() {
    return ErrorSettings.of(originals());
  }

  /** Whether one of Connect's settings for what a sink consumes takes in that topic. */
  public boolean consumes(String topic) {
    String regex = text(SinkTask.TOPICS_REGEX_CONFIG, "");
    if (!regex.isBlank()) {
      return Pattern.matches(regex, topic);
    }
    return topics().contains(topic);
  }

  /**
   * Whether the connector's own settings leave records of aborted transactions to the sink; the
   * worker's may say otherwise, which a connector cannot see.
   */
  boolean readsUncommitted() {
    return !text(ISOLATION_LEVEL, "").trim().equalsIgnoreCase("read_committed");
  }

  /** The topics that Connect's setting names; none if it is {@code topics.regex} that does. */
  public List<String> topics() {
    Object topics =
        ConfigDef.parseType(SinkTask.TOPICS_CONFIG, text(SinkTask.TOPICS_CONFIG, ""), Type.LIST);
    return topics instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of();
  }

  /** How long and how often an outage is waited for. */
  public RetryLimits retryLimits() {
    return retryLimits;
  }

  private String text(String key, String fallback) {
    Object value = originals().get(key);
    return value == null ? fallback : value.toString();
  }
}
