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
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.record.RecordTime;
import io.claimstream.connect.source.record.TopicTemplate;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/** Definition of the source connector's settings. */
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
            "Streams to read. Each stream has redis.consumers.per.stream consumers, and each"
                + " consumer belongs to one task, so a tasks.max above the total number of"
                + " consumers adds no tasks. With one consumer per stream, the events of a stream"
                + " reach Kafka in stream order.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.GROUP, Type.STRING)
        .defaultsTo("claims-processors")
        .validatedBy(TextValidator.notBlank())
        .importance(Importance.HIGH)
        .displayName("Consumer group")
        .doc(
            "Consumer group to read through. If the stream has no such group, the connector creates"
                + " it at redis.start.id.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.CONSUMERS_PER_STREAM, Type.INT)
        .defaultsTo(1)
        .validatedBy(Range.between(1, 1_000))
        .displayName("Consumers per stream")
        .doc(
            "Number of consumers on each stream. With more than one, a stream is read in parallel"
                + " and the events of a claim may reach Kafka out of order.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.START_ID, Type.STRING)
        .defaultsTo("0")
        .validatedBy(
            TextValidator.of("0, $, a stream id, or an ISO-8601 instant", StartPosition::parse))
        .displayName("Start position")
        .doc(
            "Start position of a new group: 0 = the beginning of the stream, $ = new entries only,"
                + " a stream id = after that entry, an instant such as 2024-08-20T10:30:00Z ="
                + " entries from that time on. An existing group continues where it is; if Connect"
                + " has no offset for this connector, the log reports that position.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.READ_COUNT, Type.INT)
        .defaultsTo(2_000)
        .validatedBy(Range.between(1, 100_000))
        .displayName("Read count")
        .doc(
            "Maximum entries per read (COUNT of XREADGROUP). A read is also limited to about 4 MiB,"
                + " estimated from the sizes of recent entries, so fewer large entries are read at"
                + " once.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.READ_BLOCK, Type.INT)
        .defaultsTo(500)
        .validatedBy(Range.between(1, 1_000))
        .importance(Importance.LOW)
        .displayName("Read block")
        .doc(
            "Maximum time in milliseconds that a read waits for new entries. A stop or pause can"
                + " take this long on a quiet stream.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.CLAIM_IDLE, Type.LONG)
        .defaultsTo(-1L)
        .validatedBy(Range.atLeast(-1))
        .displayName("Takeover idle time")
        .doc(
            "Time in milliseconds after which entries that consumers of other programs in the group"
                + " left pending are taken over; -1 = never.")
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
            "Topic of the events; ${stream} and ${type} are replaced by an event's stream and type."
                + " In a stream name, characters that Kafka does not allow become dots:"
                + " claims:events becomes claims.events. In a type, they and dots become"
                + " underscores, because Kafka rejects topic names that differ only in dots and"
                + " underscores. An entry is a bad entry if its type would select an internal"
                + " topic, a topic that begins with an underscore, or the dead letter topic.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.EVENT_FORMAT, Type.STRING)
        .oneOf(EventFormat.EVENT)
        .displayName("Format")
        .doc(
            "Format of the record values: event = typed by a schema from event.schemas; generic ="
                + " the entry's stream, id and fields, unchanged.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.EVENT_SCHEMAS, Type.STRING)
        .defaultsTo("classpath:schemas/claim-event")
        .validatedBy(
            TextValidator.of(
                "a directory or classpath: folder with v1.avsc, v2.avsc, …", s -> load(s)))
        .displayName("Schemas")
        .doc(
            "Location of the versions of the event's Avro schema: v1.avsc, v2.avsc and so on, in a"
                + " directory or a classpath: folder.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.EVENT_VERSION, Type.STRING)
        .oneOf(VersionPolicy.LATEST)
        .displayName("Version")
        .doc(
            "Schema version of emitted events: latest = older events are upgraded to the latest"
                + " version; as-written = each event keeps its version.")
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
            "Treatment of fields that are not in the schema: attributes = copied to the event's"
                + " attributes map, ignore = dropped, fail = the entry is a bad entry.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.RECORD_TIMESTAMP, Type.STRING)
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

  private static void defineErrors(ConfigDef def, String group) {
    FailedStream.define(
        def,
        group,
        "Stream for dead letters: bad entries with errors.tolerance=all, and entries that were"
            + " delivered redis.max.deliveries times. Empty = no stream; without a dead letter"
            + " topic, bad entries are then only logged and acknowledged.");
    topic(
        def,
        group,
        RedisStreamSourceConfig.DEAD_LETTER_TOPIC,
        "Dead letter topic",
        "Topic to which dead letters are also produced, with the schema claim-failure and Connect's"
            + " __connect.errors.* headers. An entry's offset is committed together with its dead"
            + " letter. Empty = no topic. Connect itself has no dead letter queue for source"
            + " connectors.");
    ConfigKey.of(RedisStreamSourceConfig.MAX_DELIVERIES, Type.INT)
        .defaultsTo(5)
        .validatedBy(Range.atLeast(0))
        .displayName("Maximum deliveries")
        .doc(
            "Number of deliveries after which an entry that has not reached Kafka is dead-lettered"
                + " instead of being retried; 0 = retry forever. Without redis.failed.stream and a"
                + " dead letter topic, entries are always retried forever. 1 acts as 2: Redis"
                + " counts an entry as delivered when it is read, and a stopped task has read"
                + " ahead, so an entry is dead-lettered only after an attempt with that entry"
                + " alone.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.DROPPED_RECORDS, Type.STRING)
        .oneOf(DroppedRecords.AUTO)
        .displayName("Dropped records")
        .doc(
            "Treatment of entries whose records Connect dropped. With errors.tolerance=all, Connect"
                + " drops a record when a transform or converter fails on it, and does not report"
                + " whether a filter dropped it instead. auto = the entry is acknowledged if"
                + " Connect has counted no failure since it received the record"
                + " (total-record-failures, over JMX), because then a filter dropped it; otherwise,"
                + " or if the count is not available, the entry is dead-lettered. dead-letter = the"
                + " entry is always dead-lettered; acknowledge = the entry is always acknowledged."
                + " With errors.tolerance=none only filters drop records, and their entries are"
                + " acknowledged.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.MAX_BYTES, Type.INT)
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
    ConfigKey.of(RedisStreamSourceConfig.MOST_IN_FLIGHT, Type.INT)
        .defaultsTo(100_000)
        .validatedBy(Range.atLeast(1))
        .importance(Importance.LOW)
        .displayName("Maximum records in flight")
        .doc(
            "Maximum records in flight per consumer, plus up to one read. A record is in flight"
                + " from its handover to Connect until Connect reports it as written or dropped. At"
                + " this limit, or if a task's entries in flight exceed an eighth of the worker's"
                + " heap, the consumer stops reading and logs a warning. With exactly-once support"
                + " Connect reports at the end of a transaction, so a transaction with"
                + " transaction.boundary=interval contains no more records than this.")
        .addTo(def, group);
    topic(
        def,
        group,
        RedisStreamSourceConfig.HEARTBEAT_TOPIC,
        "Heartbeat topic",
        "Topic for heartbeats. The connector sends one when Connect has reported nothing about the"
            + " records in flight for ten seconds, or when half of records.in.flight.max is in"
            + " flight. With exactly-once support, a worker does not commit a transaction if all"
            + " its records were dropped by a filter, a transform or a converter: it keeps them in"
            + " memory, and their entries stay pending. A heartbeat makes the worker commit."
            + " Heartbeats pass through the connector's transforms, so exempt their topic with a"
            + " predicate. Empty = no heartbeats.");
  }

  private static void topic(
      ConfigDef def, String group, String key, String displayName, String doc) {
    ConfigKey.of(key, Type.STRING)
        .defaultsTo("")
        .validatedBy(TextValidator.of("a topic name, or empty", SourceConfigDef::checkTopicName))
        .displayName(displayName)
        .doc(doc)
        .addTo(def, group);
  }

  private static void checkTopicName(String name) {
    if (!name.isBlank() && !name.trim().matches("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}")) {
      throw new IllegalArgumentException(
          "Kafka allows only letters, digits, '.', '_' and '-', and at most 249 characters");
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
}
