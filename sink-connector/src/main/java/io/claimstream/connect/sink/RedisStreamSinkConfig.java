/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.retention.Trim;
import io.claimstream.connect.sink.deliver.Delivery;
import io.claimstream.connect.sink.deliver.Durability;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.StreamTemplate;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** Settings of the sink connector; data only. */
public final class RedisStreamSinkConfig extends SinkConfig {
  public static final String STREAM = "redis.stream";
  public static final String DELIVERY = "redis.delivery";
  public static final String MAX_LENGTH = "redis.stream.max.length";
  public static final String RETENTION = "redis.stream.retention.ms";
  public static final String TRIM = "redis.stream.trim";
  public static final String WRITE_COUNT = "redis.write.count";
  public static final String NULL_VALUES = "behavior.on.null.values";
  public static final String BYTES_FORMAT = "redis.bytes.format";
  public static final String VALUE_FIELD = "redis.value.field";
  public static final String KEY_FIELD = "redis.key.field";
  public static final String HEADERS = "redis.headers";
  public static final String HEADERS_PREFIX = "redis.headers.prefix";

  private static final String STREAM_GROUP = "Stream";
  private static final String RECORD_GROUP = "Records";

  /** Every setting of the sink connector. */
  public static final ConfigDef CONFIG_DEF = define();

  private final StreamTemplate stream;

  /**
   * Parses a configuration.
   *
   * @throws ConfigException on the first invalid setting
   */
  public RedisStreamSinkConfig(Map<String, String> properties) {
    super(CONFIG_DEF, properties);
    this.stream = new StreamTemplate(getString(STREAM));
    if (durability().isRequired() && delivery() != Delivery.EXACTLY_ONCE) {
      throw new ConfigException(
          durability().setting()
              + " requires redis.delivery=exactly-once: without stored offsets nothing shows which"
              + " writes a new connection must wait for");
    }
  }

  private static ConfigDef define() {
    ConfigDef def = new ConfigDef();
    ConfigKey.of(STREAM, Type.STRING)
        .defaultsTo("claims:analytics")
        .validatedBy(TextValidator.of("the name of a stream", StreamTemplate::new))
        .importance(Importance.HIGH)
        .displayName("Stream")
        .doc(
            "Stream to append records to. ${topic} is replaced with the record's original topic,"
                + " before any transform.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(DELIVERY, Type.STRING)
        .oneOf(Delivery.EXACTLY_ONCE)
        .importance(Importance.HIGH)
        .displayName("Delivery")
        .doc(
            "Delivery guarantee. exactly-once: a script appends the records and stores the Kafka"
                + " offset in one atomic step, in the hash"
                + " claimstream:v1:offsets:{<stream>}:<connector>, and records that Redis"
                + " acknowledged and then lost are appended again. at-least-once: records are only"
                + " appended; a lost reply or a crash may duplicate an entry, and entries that"
                + " Redis loses stay lost.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.limit(MAX_LENGTH)
        .displayName("Maximum length")
        .doc(
            "Approximate maximum number of entries in the stream. Redis trims whole nodes, as with"
                + " MAXLEN ~, starting with the oldest entries; redis.stream.trim sets which entries"
                + " may be trimmed. -1 keeps all.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.limit(RETENTION)
        .displayName("Retention")
        .doc(
            "Approximate maximum age of entries in the stream, in milliseconds by the worker's clock"
                + " (MINID ~). redis.stream.trim sets which of the older entries may be trimmed. -1"
                + " keeps all.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(TRIM, Type.STRING)
        .oneOf(Trim.ACKNOWLEDGED)
        .displayName("Entries to trim")
        .doc(
            "Entries that redis.stream.max.length and redis.stream.retention.ms may trim."
                + " acknowledged: only entries that every consumer group of the stream has read and"
                + " acknowledged; a group that lags or has stopped keeps the stream above its"
                + " limits, which logs a warning. A stream without groups is trimmed as with any."
                + " any: the oldest entries, read or not.")
        .addTo(def, STREAM_GROUP);
    ConfigKey.of(WRITE_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 10_000))
        .importance(Importance.LOW)
        .width(Width.SHORT)
        .displayName("Entries per write")
        .doc(
            "Maximum entries in flight to Redis: per topic-partition with"
                + " redis.delivery=exactly-once, otherwise per stream. Also limited to about 1 MiB"
                + " per stream. Redis processes them while Connect polls the next records. Batches"
                + " larger than this make the task wait; consumer.override.max.poll.records sets"
                + " their size.")
        .addTo(def, STREAM_GROUP);
    Durability.define(def, STREAM_GROUP);
    ConfigKey.of(NULL_VALUES, Type.STRING)
        .oneOf(NullValues.IGNORE)
        .displayName("Null values")
        .doc(
            "Handling of records without a value (tombstones). ignore: the record is skipped. fail:"
                + " it is a bad record, and errors.tolerance applies. headers: the entry consists"
                + " of the record's headers, which requires redis.headers or redis.headers.prefix.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(BYTES_FORMAT, Type.STRING)
        .oneOf(BytesFormat.BASE64)
        .importance(Importance.LOW)
        .displayName("Bytes")
        .doc(
            "Encoding of bytes fields: base64 text or raw bytes. Bytes inside nested values, which"
                + " are JSON, are always base64.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(VALUE_FIELD, Type.STRING)
        .defaultsTo("")
        .importance(Importance.LOW)
        .displayName("Value field")
        .doc(
            "Name of the field that contains the whole value: Structs and Maps as JSON, other"
                + " values as text. Empty = a Struct or Map becomes a field per member, any other"
                + " value the field value.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(KEY_FIELD, Type.STRING)
        .defaultsTo("")
        .importance(Importance.LOW)
        .displayName("Key field")
        .doc(
            "Name of the field that contains the record's key: as text, or as JSON if it is a"
                + " Struct or Map. Must differ from the names of the value's members. Empty omits"
                + " the key.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(HEADERS, Type.LIST)
        .defaultsTo("")
        .importance(Importance.LOW)
        .displayName("Headers")
        .doc(
            "Headers to write, each to a field of its name after redis.headers.prefix. Empty = all"
                + " headers if redis.headers.prefix is set, otherwise none.")
        .addTo(def, RECORD_GROUP);
    ConfigKey.of(HEADERS_PREFIX, Type.STRING)
        .defaultsTo("")
        .importance(Importance.LOW)
        .displayName("Header prefix")
        .doc(
            "Prefix for the names of fields that contain record headers: with header. the header"
                + " trace-id becomes the field header.trace-id. Empty omits headers. Set"
                + " header.converter=org.apache.kafka.connect.storage.StringConverter to keep"
                + " header text unchanged: Connect's default converter guesses types and turns 007"
                + " into 7.")
        .addTo(def, RECORD_GROUP);
    FailedStream.define(
        def,
        RECORD_GROUP,
        "Stream that receives an entry for each bad record with errors.tolerance=all: topic,"
            + " partition, offset and reason, as error_* fields. The record itself goes to"
            + " errors.deadletterqueue.topic.name. Empty turns these entries off.");
    RedisConnectionConfig.define(def);
    return def;
  }

  /** Returns the stream to append to. */
  public StreamTemplate stream() {
    return stream;
  }

  @Override
  public Destination destination() {
    return stream;
  }

  /** Returns the delivery guarantee. */
  public Delivery delivery() {
    return EnumChoice.parse(Delivery.class, getString(DELIVERY));
  }

  /** Returns the maximum number of entries in a stream. */
  public OptionalLong maxLength() {
    return ConfigKey.limit(this, MAX_LENGTH);
  }

  /** Returns the maximum age of entries in a stream. */
  public Optional<Duration> retention() {
    OptionalLong millis = ConfigKey.limit(this, RETENTION);
    return millis.isEmpty() ? Optional.empty() : Optional.of(Duration.ofMillis(millis.getAsLong()));
  }

  /** Returns which entries the limits may trim. */
  public Trim trim() {
    return EnumChoice.parse(Trim.class, getString(TRIM));
  }

  /**
   * Returns the maximum entries in flight: per topic-partition with exactly-once, otherwise per
   * stream.
   */
  public int writeCount() {
    return getInt(WRITE_COUNT);
  }

  /** Returns what entries consist of. */
  public EntryFormat entryFormat() {
    return new EntryFormat(
        EnumChoice.parse(NullValues.class, getString(NULL_VALUES)),
        EnumChoice.parse(BytesFormat.class, getString(BYTES_FORMAT)),
        getString(VALUE_FIELD).trim(),
        getString(KEY_FIELD).trim(),
        Set.copyOf(getList(HEADERS)),
        getString(HEADERS_PREFIX).trim());
  }
}
