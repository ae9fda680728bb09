/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.redis.validation.ConnectionCheck;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.source.decode.EntryDecoder;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.EventFormat;
import io.claimstream.connect.source.decode.FieldFilter;
import io.claimstream.connect.source.decode.GenericDecoder;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of events: how entries become records. Shared by the connectors that read streams.
 */
public final class EventConfig {
  public static final String TOPIC = "topic";
  public static final String FILTER = "event.filter";
  public static final String EVENT_FORMAT = "event.format";
  public static final String EVENT_SCHEMAS = "event.schemas";
  public static final String EVENT_VERSION = "event.version";
  public static final String KEY_FIELD = "event.key.field";
  public static final String TIMESTAMP_FIELD = "event.timestamp.field";
  public static final String TYPE_FIELD = "event.type.field";
  public static final String VERSION_FIELD = "event.version.field";
  public static final String PAYLOAD_FIELD = "event.payload.field";
  public static final String HEADER_FIELDS = "event.header.fields";
  public static final String UNKNOWN_FIELDS = "unknown.fields";
  public static final String RECORD_TIMESTAMP = "record.timestamp";
  public static final String MAX_BYTES = "event.max.bytes";
  public static final String DEAD_LETTER_TOPIC = "errors.deadletterqueue.topic.name";

  private static final String VALUE_CONVERTER = "value.converter";

  /** Connect's setting for the retention of topics that it creates. */
  private static final String TOPIC_RETENTION = "topic.creation.default.retention.ms";

  /** Connect's setting for a connector-specific offsets topic. */
  private static final String OFFSETS_TOPIC = "offsets.storage.topic";

  private final AbstractConfig config;
  private final List<String> otherTopics;

  /**
   * Creates the view of a configuration whose definition contains {@link #define} and {@link
   * #defineSize}.
   *
   * @param otherTopics topics that no event may select; an empty name is no topic
   */
  public EventConfig(AbstractConfig config, List<String> otherTopics) {
    this.config = config;
    this.otherTopics = otherTopics;
  }

  /**
   * Adds the settings of events.
   *
   * @param defaultTopic the default of {@code topic}; null if it is required
   */
  public static void define(ConfigDef def, String group, @Nullable String defaultTopic) {
    ConfigKey topic =
        ConfigKey.of(TOPIC, Type.STRING)
            .validatedBy(
                TextValidator.of(
                    "a topic name that may use ${stream} and ${type}", TopicTemplate::parse))
            .importance(Importance.HIGH)
            .displayName("Topic")
            .doc(
                "Topic of the events; ${stream} and ${type} are replaced by an event's stream and type."
                    + " In a stream name, characters that Kafka does not allow become dots:"
                    + " claims:events becomes claims.events. In a type, they and dots become"
                    + " underscores, because Kafka rejects topic names that differ only in dots and"
                    + " underscores. An entry is a bad entry if its type would select an internal"
                    + " topic, a topic that begins with an underscore, or the dead letter topic.");
    (defaultTopic == null ? topic : topic.defaultsTo(defaultTopic)).addTo(def, group);
    ConfigKey.of(FILTER, Type.LIST)
        .defaultsTo("")
        .validatedBy(
            TextValidator.of("a list of <field>=<value>", text -> FieldFilter.parse(List.of(text))))
        .displayName("Filter")
        .doc(
            "Entries to emit, as a list of <field>=<value>, such as"
                + " claim_id=CLM-1,claim_id=CLM-2,type=claim_paid. An entry is emitted if it has,"
                + " for each field in the list, one of the values listed for it. Values are"
                + " compared as text; a value cannot contain a comma. A consumer group acknowledges the"
                + " other entries without emitting them. Empty = all entries.")
        .addTo(def, group);
    ConfigKey.of(EVENT_FORMAT, Type.STRING)
        .oneOf(EventFormat.EVENT)
        .displayName("Format")
        .doc(
            "Format of the record values: event = typed by a schema from event.schemas; generic ="
                + " the entry's stream, id and fields, unchanged.")
        .addTo(def, group);
    ConfigKey.of(EVENT_SCHEMAS, Type.STRING)
        .defaultsTo("classpath:schemas/claim-event")
        .validatedBy(
            TextValidator.of(
                "a directory or classpath: folder with v1.avsc, v2.avsc, …", s -> load(s)))
        .displayName("Schemas")
        .doc(
            "Location of the versions of the event's Avro schema: v1.avsc, v2.avsc and so on, in a"
                + " directory or a classpath: folder.")
        .addTo(def, group);
    ConfigKey.of(EVENT_VERSION, Type.STRING)
        .oneOf(VersionPolicy.LATEST)
        .displayName("Version")
        .doc(
            "Schema version of emitted events: latest = older events are upgraded to the latest"
                + " version; as-written = each event keeps its version.")
        .addTo(def, group);
    field(def, group, KEY_FIELD, "claim_id", "Key field", "the record's key");
    field(def, group, TIMESTAMP_FIELD, "timestamp", "Timestamp field", "the event time");
    field(def, group, TYPE_FIELD, "type", "Type field", "the event's type, ${type} in topic");
    field(def, group, VERSION_FIELD, "schema_version", "Version field", "the schema version");
    ConfigKey.of(PAYLOAD_FIELD, Type.STRING)
        .defaultsTo("")
        .displayName("Payload field")
        .doc(
            "Name of the entry's field that holds the whole event as a JSON object. Its members are"
                + " then the event's fields, typed by the schema, and other fields of the entry are"
                + " used where the object has no member of that name. Applies to"
                + " event.format=event. Empty = the entry's fields are the event.")
        .addTo(def, group);
    ConfigKey.of(HEADER_FIELDS, Type.LIST)
        .defaultsTo("")
        .displayName("Header fields")
        .doc(
            "Names of fields of the entry that become headers of the record, as text under the same"
                + " name. Such a field is part of the event only if the schema has a field of its"
                + " name. Empty = no headers.")
        .addTo(def, group);
    ConfigKey.of(UNKNOWN_FIELDS, Type.STRING)
        .oneOf(UnknownFields.ATTRIBUTES)
        .displayName("Unknown fields")
        .doc(
            "Treatment of fields that are not in the schema: attributes = copied to the event's"
                + " attributes map, ignore = dropped, fail = the entry is a bad entry.")
        .addTo(def, group);
    ConfigKey.of(RECORD_TIMESTAMP, Type.STRING)
        .oneOf(RecordTime.READ)
        .displayName("Record timestamp")
        .doc(
            "Timestamp of the Kafka record, to which Kafka's retention applies: read = when the"
                + " connector read the entry; stream-id = when Redis received the entry; event ="
                + " the event time, or that of the stream id if the event has none or it is before"
                + " 1990 or more than 30 minutes in the future. With stream-id and event, a topic"
                + " that receives old entries needs a retention.ms that covers them, or -1. The"
                + " record value always contains the event time.")
        .addTo(def, group);
  }

  /** Adds a setting that names a topic, or none. */
  public static void defineTopic(
      ConfigDef def, String group, String key, String displayName, String doc) {
    ConfigKey.of(key, Type.STRING)
        .defaultsTo("")
        .validatedBy(TextValidator.of("a topic name, or empty", TopicTemplate::checkName))
        .displayName(displayName)
        .doc(doc)
        .addTo(def, group);
  }

  /** Adds the setting of an event's maximum size. */
  public static void defineSize(ConfigDef def, String group) {
    ConfigKey.of(MAX_BYTES, Type.INT)
        .defaultsTo(1_000_000)
        .validatedBy(Range.atLeast(0))
        .displayName("Maximum event size")
        .doc(
            "Maximum size in bytes of an entry's field names and values; a larger entry is a bad"
                + " entry; 0 = no limit. Kafka's producer rejects records above its"
                + " max.request.size, about 1 MB by default, and that fails the task. If this"
                + " connector's value.converter is a JSON converter, the limit also applies to the"
                + " event as JSON, in which bytes become base64, a third longer, and text is"
                + " escaped. The limit does not account for bytes added by transforms, headers or"
                + " the schema of a JsonConverter, nor for the worker's default converter.")
        .addTo(def, group);
  }

  private static void field(
      ConfigDef def, String group, String key, String name, String displayName, String what) {
    ConfigKey.of(key, Type.STRING)
        .defaultsTo(name)
        .validatedBy(TextValidator.notBlank())
        .importance(Importance.LOW)
        .displayName(displayName)
        .doc("Name of the entry's field that holds " + what + ".")
        .addTo(def, group);
  }

  private static EventSchemas load(String location) {
    try {
      return EventSchemas.load(location);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The template for the topics of events. */
  public TopicTemplate topic() {
    List<String> others =
        Stream.concat(
                otherTopics.stream(),
                Stream.of(config.originalsStrings().getOrDefault(OFFSETS_TOPIC, "")))
            .filter(topic -> !topic.isEmpty())
            .toList();
    return TopicTemplate.parse(config.getString(TOPIC)).reserving(others);
  }

  /** The filter of entries. */
  public FieldFilter filter() {
    return FieldFilter.parse(config.getList(FILTER));
  }

  /** The versions of the event's schema. */
  public EventSchemas schemas() {
    return EventSchemas.load(config.getString(EVENT_SCHEMAS));
  }

  /** The format of the emitted record values. */
  public EventFormat format() {
    return EnumChoice.parse(EventFormat.class, config.getString(EVENT_FORMAT));
  }

  /** The schema version policy for emitted events. */
  public VersionPolicy versionPolicy() {
    return EnumChoice.parse(VersionPolicy.class, config.getString(EVENT_VERSION));
  }

  /** The treatment of fields that are not in the schema. */
  public UnknownFields unknownFields() {
    return EnumChoice.parse(UnknownFields.class, config.getString(UNKNOWN_FIELDS));
  }

  /** The names of the fields with a special meaning. */
  public EventFields fields() {
    return new EventFields(
        config.getString(KEY_FIELD),
        config.getString(TIMESTAMP_FIELD),
        config.getString(TYPE_FIELD),
        config.getString(VERSION_FIELD),
        config.getString(PAYLOAD_FIELD).trim(),
        new LinkedHashSet<>(config.getList(HEADER_FIELDS)));
  }

  /**
   * The maximum event size. Only the connector's own {@code value.converter} is known here, not the
   * worker's.
   */
  public SizeLimit sizeLimit() {
    String converter = config.originalsStrings().getOrDefault(VALUE_CONVERTER, "");
    return new SizeLimit(config.getInt(MAX_BYTES), converter.contains("Json"));
  }

  /** The source of the Kafka record's timestamp. */
  public RecordTime recordTime() {
    return EnumChoice.parse(RecordTime.class, config.getString(RECORD_TIMESTAMP));
  }

  /** Retention in milliseconds of topics that Connect creates; null = the broker's default. */
  public @Nullable Long topicRetention() {
    String millis = config.originalsStrings().getOrDefault(TOPIC_RETENTION, "").trim();
    return millis.matches("-?[0-9]{1,18}") ? Long.valueOf(millis) : null;
  }

  /**
   * Checks the settings together, and reports each problem at its setting.
   *
   * @param streams the streams whose events are emitted
   * @param deadLetterTopic the dead letter topic; empty = none
   */
  public void check(List<String> streams, String deadLetterTopic, ConnectionCheck check) {
    checkUnknownFields(check);
    checkTopics(streams, deadLetterTopic, check);
  }

  private void checkUnknownFields(ConnectionCheck check) {
    if (format() != EventFormat.EVENT || unknownFields() != UnknownFields.ATTRIBUTES) {
      return;
    }
    for (EventSchema schema : schemas().all()) {
      if (!EventDecoder.takesAttributes(schema.connect())) {
        check.pin(
            UNKNOWN_FIELDS,
            "version "
                + schema.version()
                + " of event.schemas has no field 'attributes' that is a map of strings: set"
                + " ignore or fail, or add the field");
        return;
      }
    }
  }

  /** Checks the topics that are known in advance: they do not depend on an event's type. */
  private void checkTopics(List<String> streams, String deadLetterTopic, ConnectionCheck check) {
    TopicTemplate topics = topic();
    if (topics.usesType()) {
      return;
    }
    Map<String, String> known = new HashMap<>();
    for (String stream : streams) {
      String topic = topics.topic(stream, "").name();
      check.test(() -> requireNotInternal(topic));
      String other = known.putIfAbsent(TopicTemplate.unified(topic), stream);
      if (other != null && !topics.topic(other, "").name().equals(topic)) {
        check.pin(
            TOPIC,
            "the topics of streams '"
                + other
                + "' and '"
                + stream
                + "' would differ only in '.' and '_', which Kafka rejects: name one topic for"
                + " both, or use one connector per stream");
      }
      if (TopicTemplate.unified(topic).equals(TopicTemplate.unified(deadLetterTopic))) {
        check.pin(
            DEAD_LETTER_TOPIC,
            "'"
                + deadLetterTopic
                + "' is also the topic of events, or differs from it only in '.' and '_': dead"
                + " letters have their own schema and need their own topic");
      }
    }
  }

  private static void requireNotInternal(String topic) {
    try {
      TopicTemplate.requireNotInternal(topic);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(TOPIC, topic, String.valueOf(e.getMessage()));
    }
  }

  /** Creates the factory of records. */
  public SourceRecordFactory records(TaskClock clock) {
    EntryDecoder decoder =
        format() == EventFormat.GENERIC
            ? new GenericDecoder(fields())
            : new EventDecoder(schemas(), fields(), versionPolicy(), unknownFields());
    return new SourceRecordFactory(
        decoder,
        topic(),
        recordTime(),
        new TimestampCheck(fields().timestamp(), topicRetention()),
        sizeLimit(),
        clock);
  }
}
