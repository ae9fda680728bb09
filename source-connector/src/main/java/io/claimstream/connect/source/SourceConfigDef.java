/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.source.RedisStreamSourceConfig.EventFormat;
import io.claimstream.connect.source.deadletter.DroppedRecords;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import io.claimstream.connect.source.read.StartPosition;
import io.claimstream.connect.source.record.RecordTime;
import io.claimstream.connect.source.record.TopicTemplate;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/** What the source connector can be told: each setting with its group, order, default and check. */
final class SourceConfigDef {
  private SourceConfigDef() {}

  static ConfigDef make() {
    ConfigDef def = new ConfigDef();
    RedisConnectionConfig.define(def);
    defineReading(def, "Reading");
    defineEvents(def, "Events");
    defineErrors(def, "Errors");
    return def;
  }

  private static void defineReading(ConfigDef def, String group) {
    ConfigKey.of(RedisStreamSourceConfig.STREAMS, Type.LIST)
        .defaultsTo("claims:events")
        .validatedBy(TextValidator.notBlank())
        .importance(Importance.HIGH)
        .displayName("Streams")
        .doc(
            "Streams to read, one lane each: tasks.max above the number of lanes gives no more"
                + " tasks. Events of one stream reach Kafka in stream order.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.GROUP, Type.STRING)
        .defaultsTo("claims-processors")
        .validatedBy(TextValidator.notBlank())
        .importance(Importance.HIGH)
        .displayName("Consumer group")
        .doc("Group to read through; made with redis.start.id if the stream has no such group.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.CONSUMERS_PER_STREAM, Type.INT)
        .defaultsTo(1)
        .validatedBy(Range.between(1, 1_000))
        .displayName("Lanes per stream")
        .doc(
            "Lanes on each stream. More than one reads in parallel and gives up the order between"
                + " the events of a claim.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.START_ID, Type.STRING)
        .defaultsTo("0")
        .validatedBy(
            TextValidator.of("0, $, a stream id, or an ISO-8601 instant", StartPosition::parse))
        .displayName("Start")
        .doc(
            "Where a new group begins: 0 = all history, $ = only new entries, a stream id = after"
                + " that entry, an instant such as 2024-08-20T10:30:00Z = from then on. An"
                + " existing group goes on where it is; the log says where that is if Connect has no"
                + " offset of the connector.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.READ_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 100_000))
        .displayName("Read count")
        .doc(
            "Maximum entries of one read (COUNT of XREADGROUP). A read is also limited to about"
                + " 4 MiB, by the sizes of the entries before: fewer large entries are read at"
                + " once.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.READ_BLOCK, Type.INT)
        .defaultsTo(500)
        .validatedBy(Range.between(1, 1_000))
        .importance(Importance.LOW)
        .displayName("Read block")
        .doc(
            "How long a read waits for new entries, in milliseconds; also how long a stop or pause"
                + " may wait for a quiet stream.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.CLAIM_IDLE, Type.LONG)
        .defaultsTo(-1L)
        .validatedBy(Range.atLeast(-1))
        .displayName("Claim idle")
        .doc(
            "Take over entries that other consumers of the group left pending this long, in"
                + " milliseconds; -1 = never.")
        .addTo(def, group);
  }

  private static void defineEvents(ConfigDef def, String group) {
    ConfigKey.of(RedisStreamSourceConfig.TOPIC, Type.STRING)
        .defaultsTo("${stream}")
        .validatedBy(
            TextValidator.of(
                "a topic name that may use ${stream} and ${type}", TopicTemplate::parse))
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
    ConfigKey.of(RedisStreamSourceConfig.EVENT_FORMAT, Type.STRING)
        .oneOf(EventFormat.EVENT)
        .displayName("Format")
        .doc(
            "event = typed by a schema of event.schemas; generic = the stream, the id and the"
                + " fields as they are.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.EVENT_SCHEMAS, Type.STRING)
        .defaultsTo("classpath:schemas/claim-event")
        .validatedBy(
            TextValidator.of(
                "a directory or classpath: folder with v1.avsc, v2.avsc, …", s -> load(s)))
        .displayName("Schemas")
        .doc("Where the versions of the event's Avro schema are: v1.avsc, v2.avsc and so on.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.EVENT_VERSION, Type.STRING)
        .oneOf(VersionPolicy.LATEST)
        .displayName("Version")
        .doc("latest = older events are upgraded; as-written = each keeps its own version.")
        .addTo(def, group);
    field(
        def, group, RedisStreamSourceConfig.KEY_FIELD, "claim_id", "Key field", "the record's key");
    field(
        def,
        group,
        RedisStreamSourceConfig.TIMESTAMP_FIELD,
        "timestamp",
        "Timestamp field",
        "the event time");
    field(
        def,
        group,
        RedisStreamSourceConfig.TYPE_FIELD,
        "type",
        "Type field",
        "the event's type, ${type} in topic");
    field(
        def,
        group,
        RedisStreamSourceConfig.VERSION_FIELD,
        "schema_version",
        "Version field",
        "the schema version");
    ConfigKey.of(RedisStreamSourceConfig.UNKNOWN_FIELDS, Type.STRING)
        .oneOf(UnknownFields.ATTRIBUTES)
        .displayName("Unknown fields")
        .doc(
            "Fields that the schema does not name: attributes = into its attributes map, ignore ="
                + " left out, fail = the entry is a bad one.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.RECORD_TIMESTAMP, Type.STRING)
        .oneOf(RecordTime.READ)
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
    topic(
        def,
        group,
        RedisStreamSourceConfig.DEAD_LETTER_TOPIC,
        "Dead letter topic",
        "Topic that entries which cannot be processed are also produced to, under the schema"
            + " claim-failure and with Connect's __connect.errors.* headers; their offset is"
            + " committed with that record. Empty = none. Connect itself has no dead letter"
            + " queue for sources.");
    ConfigKey.of(RedisStreamSourceConfig.MAX_DELIVERIES, Type.INT)
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
    ConfigKey.of(RedisStreamSourceConfig.DROPPED_RECORDS, Type.STRING)
        .oneOf(DroppedRecords.AUTO)
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
    ConfigKey.of(RedisStreamSourceConfig.MAX_BYTES, Type.INT)
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
    ConfigKey.of(RedisStreamSourceConfig.MOST_IN_FLIGHT, Type.INT)
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
    topic(
        def,
        group,
        RedisStreamSourceConfig.HEARTBEAT_TOPIC,
        "Heartbeat topic",
        "Topic for a small record whenever Connect has said nothing for ten seconds of what is"
            + " in flight, or half of records.in.flight.max is. With exactly-once support a"
            + " worker commits no transaction whose records were all dropped by a filter, a"
            + " transform or a converter, keeps them in memory, and their entries stay"
            + " pending; a heartbeat makes it commit. Heartbeats pass through the connector's"
            + " transforms: let them through by a predicate on the topic. Empty = none.");
  }

  private static void topic(
      ConfigDef def, String group, String key, String displayName, String doc) {
    ConfigKey.of(key, Type.STRING)
        .defaultsTo("")
        .validatedBy(
            TextValidator.of("the name of a topic, or empty", SourceConfigDef::checkTopicName))
        .displayName(displayName)
        .doc(doc)
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
        .validatedBy(TextValidator.notBlank())
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
}
