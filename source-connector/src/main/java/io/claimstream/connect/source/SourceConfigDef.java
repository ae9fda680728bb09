/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.config.ConfigKey;
import io.claimstream.connect.redis.config.RedisConnectionConfig;
import io.claimstream.connect.redis.config.TextValidator;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.source.deadletter.DroppedRecords;
import io.claimstream.connect.source.discovery.StreamPattern;
import io.claimstream.connect.source.group.StartPosition;
import io.claimstream.connect.source.record.EventConfig;
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
    defineTrimming(def, "Trimming");
    EventConfig.define(def, "Events", "${stream}");
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
    ConfigKey.of(RedisStreamSourceConfig.STREAMS_PATTERN, Type.STRING)
        .defaultsTo("")
        .validatedBy(
            TextValidator.of(
                "a glob-style pattern, or empty",
                text -> {
                  if (!text.isBlank()) {
                    StreamPattern.parse(text.trim());
                  }
                }))
        .importance(Importance.HIGH)
        .displayName("Pattern of streams")
        .doc(
            "Glob-style pattern of the streams to read instead of redis.streams, as in SCAN MATCH,"
                + " such as claims:events:*. The connector reads every stream that matches, each"
                + " with its own consumers, also streams that are added while it runs, from"
                + " redis.start.id on. It never creates a stream that matches. A stream that is"
                + " deleted is let go, and its entries that were not read are lost. Empty ="
                + " redis.streams is used.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.PATTERN_INTERVAL, Type.LONG)
        .defaultsTo(30_000L)
        .validatedBy(Range.between(1_000, 86_400_000))
        .importance(Importance.LOW)
        .displayName("Search interval")
        .doc(
            "Time in milliseconds between two searches for streams that match"
                + " redis.streams.pattern. Each search scans all keys of the database. A stream"
                + " waits at most about this long until it is read; a change restarts the"
                + " connector's tasks.")
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
                + " entries from that time on. $ cannot be used with redis.streams.pattern. An existing group continues where it is; if Connect"
                + " has no offset for this connector, the log reports that position.")
        .addTo(def, group);
    ConfigKey.of(RedisStreamSourceConfig.READ_COUNT, Type.INT)
        .defaultsTo(5_000)
        .validatedBy(Range.between(1, 100_000))
        .displayName("Read count")
        .doc(
            "Maximum entries per read (COUNT of XREADGROUP). A read is also limited to about 4 MiB,"
                + " estimated from the sizes of recent entries, so fewer large entries are read at"
                + " once. With exactly-once support each read is a transaction: few entries in it"
                + " cost speed, many more than the default cost memory and speed.")
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

  private static void defineTrimming(ConfigDef def, String group) {
    ConfigKey.limit(RedisStreamSourceConfig.MAX_LENGTH)
        .displayName("Maximum length")
        .doc(
            "Approximate number of entries to keep in each stream. The connector trims the oldest"
                + " entries above it, in whole nodes as with XTRIM ~, but only entries that every"
                + " consumer group of the stream has read and acknowledged. If"
                + " redis.stream.retention.ms is also set, an entry is trimmed as soon as it"
                + " exceeds one of the two. 1 trims all acknowledged entries. -1 keeps all.")
        .addTo(def, group);
    ConfigKey.limit(RedisStreamSourceConfig.RETENTION)
        .displayName("Retention")
        .doc(
            "Approximate time in milliseconds to keep entries in each stream, by their ids and the"
                + " worker's clock. The connector trims older entries, in whole nodes as with XTRIM"
                + " ~, but only entries that every consumer group of the stream has read and"
                + " acknowledged. -1 keeps all.")
        .addTo(def, group);
  }

  private static void defineErrors(ConfigDef def, String group) {
    FailedStream.define(
        def,
        group,
        "Stream for dead letters: bad entries with errors.tolerance=all, and entries that were"
            + " delivered too often (redis.max.deliveries). Empty = no stream; without a dead letter"
            + " topic, bad entries are then only logged and acknowledged.");
    EventConfig.defineTopic(
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
            "Number of the delivery from which on an entry that has not reached Kafka is delivered"
                + " alone. After three deliveries alone it is dead-lettered instead of being"
                + " retried, so an entry that ends the task each time does so redis.max.deliveries"
                + " + 2 times; 0 = retry forever. Without redis.failed.stream and a dead letter"
                + " topic, entries are always retried forever. 1 acts as 2: Redis counts an entry"
                + " as delivered when it is read, and a stopped task has read ahead.")
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
    EventConfig.defineSize(def, group);
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
    EventConfig.defineTopic(
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
}
