/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.Check;
import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.FailedStream;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.RedisSettings;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.error.RetryLimits;
import io.claimstream.connect.schema.EventSchemas;
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
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
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

  /** How a value of the stream is to be understood. */
  public enum EventFormat {
    /** Typed by a versioned schema. */
    EVENT,
    /** The fields as they are. */
    GENERIC
  }

  /** Every setting, with its group, order, default and check. */
  public static final ConfigDef CONFIG_DEF = definition();

  private static ConfigDef definition() {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    defineReading(def, "Reading");
    defineEvents(def, "Events");
    defineErrors(def, "Errors");
    return def;
  }

  private static void defineReading(ConfigDef def, String group) {
    ConfigKey.of(STREAMS, Type.LIST)
        .defaultsTo("claims:events")
        .validatedBy(Check.notBlank())
        .importance(Importance.HIGH)
        .displayName("Streams")
        .doc(
            "Streams to read, one lane each: tasks.max above the number of lanes gives no more"
                + " tasks. Events of one stream reach Kafka in stream order.")
        .addTo(def, group);
    ConfigKey.of(GROUP, Type.STRING)
        .defaultsTo("claims-processors")
        .validatedBy(Check.notBlank())
        .importance(Importance.HIGH)
        .displayName("Consumer group")
        .doc("Group to read through; made with redis.start.id if the stream has no such group.")
        .addTo(def, group);
    ConfigKey.of(CONSUMERS_PER_STREAM, Type.INT)
        .defaultsTo(1)
        .validatedBy(Range.between(1, 1_000))
        .displayName("Lanes per stream")
        .doc(
            "Lanes on each stream. More than one reads in parallel and gives up the order between"
                + " the events of a claim.")
        .addTo(def, group);
    ConfigKey.of(START_ID, Type.STRING)
        .defaultsTo("0")
        .validatedBy(Check.of("0, $, a stream id, or an ISO-8601 instant", StartPosition::parse))
        .displayName("Start")
        .doc(
            "Where a new group begins: 0 = all history, $ = only new entries, a stream id = after"
                + " that entry, an instant such as 2024-08-20T10:30:00Z = from then on. An"
                + " existing group goes on where it is; the log says where that is if Connect has no"
                + " offset of the connector.")
        .addTo(def, group);
    ConfigKey.of(READ_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 100_000))
        .displayName("Read count")
        .doc(
            "Maximum entries of one read (COUNT of XREADGROUP). A read is also limited to about"
                + " 4 MiB, by the sizes of the entries before: fewer large entries are read at"
                + " once.")
        .addTo(def, group);
    ConfigKey.of(READ_BLOCK, Type.INT)
        .defaultsTo(500)
        .validatedBy(Range.between(1, 1_000))
        .importance(Importance.LOW)
        .displayName("Read block")
        .doc(
            "How long a read waits for new entries, in milliseconds; also how long a stop or pause"
                + " may wait for a quiet stream.")
        .addTo(def, group);
    ConfigKey.of(CLAIM_IDLE, Type.LONG)
        .defaultsTo(-1L)
        .validatedBy(Range.atLeast(-1))
        .displayName("Claim idle")
        .doc(
            "Take over entries that other consumers of the group left pending this long, in"
                + " milliseconds; -1 = never.")
        .addTo(def, group);
  }

  private static void defineEvents(ConfigDef def, String group) {
    ConfigKey.of(TOPIC, Type.STRING)
        .defaultsTo("${stream}")
        .validatedBy(
            Check.of("a topic name that may use ${stream} and ${type}", TopicTemplate::parse))
        .importance(Importance.HIGH)
        .displayName("Topic")
        .doc(
            "Topic of an event; ${stream} and ${type} stand for its stream and type. Characters"
                + " that Kafka does not allow become a dot: claims:events gives claims.events. In"
                + " a type they become an underscore, and so does a dot, because Kafka refuses"
                + " names that differ only in these two. An entry whose type would choose an"
                + " internal topic, one that begins with an underscore, or the dead letter topic,"
                + " is a bad one.")
        .addTo(def, group);
    ConfigKey.of(EVENT_FORMAT, Type.STRING)
        .defaultsTo(EnumChoice.text(EventFormat.EVENT))
        .oneOf(EventFormat.class)
        .displayName("Format")
        .doc(
            "event = typed by a schema of event.schemas; generic = the stream, the id and the"
                + " fields as they are.")
        .addTo(def, group);
    ConfigKey.of(EVENT_SCHEMAS, Type.STRING)
        .defaultsTo("classpath:schemas/claim-event")
        .validatedBy(
            Check.of("a directory or classpath: folder with v1.avsc, v2.avsc, …", s -> load(s)))
        .displayName("Schemas")
        .doc("Where the versions of the event's Avro schema are: v1.avsc, v2.avsc and so on.")
        .addTo(def, group);
    ConfigKey.of(EVENT_VERSION, Type.STRING)
        .defaultsTo(EnumChoice.text(VersionPolicy.LATEST))
        .oneOf(VersionPolicy.class)
        .displayName("Version")
        .doc("latest = older events are upgraded; as-written = each keeps its own version.")
        .addTo(def, group);
    field(def, group, KEY_FIELD, "claim_id", "Key field", "the record's key");
    field(def, group, TIMESTAMP_FIELD, "timestamp", "Timestamp field", "the event time");
    field(def, group, TYPE_FIELD, "type", "Type field", "the event's type, ${type} in topic");
    field(def, group, VERSION_FIELD, "schema_version", "Version field", "the schema version");
    ConfigKey.of(UNKNOWN_FIELDS, Type.STRING)
        .defaultsTo(EnumChoice.text(UnknownFields.ATTRIBUTES))
        .oneOf(UnknownFields.class)
        .displayName("Unknown fields")
        .doc(
            "Fields that the schema does not name: attributes = into its attributes map, ignore ="
                + " left out, fail = the entry is a bad one.")
        .addTo(def, group);
    ConfigKey.of(RECORD_TIMESTAMP, Type.STRING)
        .defaultsTo(EnumChoice.text(RecordTime.READ))
        .oneOf(RecordTime.class)
        .displayName("Record timestamp")
        .doc(
            "Timestamp of the Kafka record, by which Kafka deletes it: read = when the connector"
                + " read the entry; stream-id = when Redis got it; event = the event time (that of"
                + " the stream id where an event has none, or one before 1990 or more than 30"
                + " minutes ahead). With the last two a topic that takes in old entries needs a"
                + " retention.ms that reaches back to them, or -1. The event time is in the value,"
                + " whatever this is.")
        .addTo(def, group);
  }

  private static void defineErrors(ConfigDef def, String group) {
    FailedStream.define(
        def,
        group,
        "Stream for entries that cannot be processed: bad ones with errors.tolerance=all, and"
            + " those delivered too often. Empty = none: without a dead letter topic, bad ones are"
            + " then acknowledged and logged only.");
    ConfigKey.of(DEAD_LETTER_TOPIC, Type.STRING)
        .defaultsTo("")
        .validatedBy(
            Check.of("the name of a topic, or empty", RedisStreamSourceConfig::checkTopicName))
        .displayName("Dead letter topic")
        .doc(
            "Topic that entries which cannot be processed are also produced to, under the schema"
                + " claim-failure and with Connect's __connect.errors.* headers; their offset is"
                + " committed with that record. Empty = none. Connect itself has no dead letter"
                + " queue for sources.")
        .addTo(def, group);
    ConfigKey.of(MAX_DELIVERIES, Type.INT)
        .defaultsTo(5)
        .validatedBy(Range.atLeast(0))
        .displayName("Deliveries")
        .doc(
            "An entry that was delivered that often and never reached Kafka goes to"
                + " redis.failed.stream instead of being tried again; 0 = try for ever, as when"
                + " there is no such stream. 1 counts as 2: Redis counts an entry as delivered when"
                + " it is read, and a task that is stopped has read ahead. So an entry is given up"
                + " only after a try of its own.")
        .addTo(def, group);
    ConfigKey.of(DROPPED_RECORDS, Type.STRING)
        .defaultsTo(EnumChoice.text(DroppedRecords.AUTO))
        .oneOf(DroppedRecords.class)
        .displayName("Dropped records")
        .doc(
            "With errors.tolerance=all Connect drops a record that a transform or converter fails"
                + " on, and does not say whether a filter meant to. auto = the entry goes to"
                + " redis.failed.stream, unless Connect has counted no failure since it got the"
                + " record (total-record-failures, over JMX): then a filter dropped it, and it is"
                + " acknowledged; in doubt it is put aside. dead-letter = it is put aside always,"
                + " acknowledge = never. With errors.tolerance=none only filters drop records:"
                + " they are acknowledged.")
        .addTo(def, group);
    ConfigKey.of(MAX_BYTES, Type.INT)
        .defaultsTo(1_000_000)
        .validatedBy(Range.atLeast(0))
        .displayName("Largest event")
        .doc(
            "An entry whose names and values have more bytes than this is a bad one; 0 = no limit."
                + " Kafka's producer refuses records above its max.request.size, about 1 MB unless"
                + " it is raised, and would fail the task. If value.converter of this connector is a"
                + " JSON one, the event must not have more bytes as JSON either, where bytes become"
                + " base64, a third longer, and text is escaped. What transforms, headers and the"
                + " schema of a JsonConverter add is not known here, nor the worker's own converter.")
        .addTo(def, group);
    ConfigKey.of(MOST_IN_FLIGHT, Type.INT)
        .defaultsTo(100_000)
        .validatedBy(Range.atLeast(1))
        .importance(Importance.LOW)
        .displayName("Records in flight")
        .doc(
            "Maximum records in flight for each consumer, give or take one read: handed to Connect,"
                + " which has not said yet whether Kafka has them. Beyond it, or beyond an eighth"
                + " of the worker's heap for the task's entries, the consumer reads no further"
                + " and logs a warning. With exactly-once support Connect says so at the end of a"
                + " transaction: one with transaction.boundary=interval holds no more than this.")
        .addTo(def, group);
    ConfigKey.of(HEARTBEAT_TOPIC, Type.STRING)
        .defaultsTo("")
        .validatedBy(
            Check.of("the name of a topic, or empty", RedisStreamSourceConfig::checkTopicName))
        .displayName("Heartbeat topic")
        .doc(
            "Topic for a small record whenever Connect has said nothing for ten seconds of what is"
                + " in flight, or half of records.in.flight.max is. With exactly-once support a"
                + " worker commits no transaction whose records were all dropped by a filter, a"
                + " transform or a converter, keeps them in memory, and their entries stay"
                + " pending; a heartbeat makes it commit. Heartbeats pass through the connector's"
                + " transforms: let them through by a predicate on the topic. Empty = none.")
        .addTo(def, group);
  }

  private static void checkTopicName(String name) {
    if (!name.isBlank() && !name.trim().matches("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}")) {
      throw new IllegalArgumentException("Kafka allows letters, digits, '.', '_' and '-' only");
    }
    TopicTemplate.requireNotInternal(name.trim());
  }

  private static void field(
      ConfigDef def, String group, String key, String name, String displayName, String what) {
    ConfigKey.of(key, Type.STRING)
        .defaultsTo(name)
        .validatedBy(Check.notBlank())
        .importance(Importance.LOW)
        .displayName(displayName)
        .doc("Name of the field that holds " + what + ".")
        .addTo(def, group);
  }

  private static EventSchemas load(String location) {
    try {
      return EventSchemas.load(location);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static final int FEWEST_DELIVERIES = 2;

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
