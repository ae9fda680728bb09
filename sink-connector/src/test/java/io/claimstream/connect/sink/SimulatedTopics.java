/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** The topics of one connector, the offsets of its group, and its dead letters. */
final class SimulatedTopics {
  /** Marks the value of a record that Redis rejects. */
  static final String REFUSED = "refused";

  /** The value of a record that a transform drops before the task sees it. */
  private static final String FILTERED = "filtered";

  private static final Object UNENCODABLE = new Object();

  private final String owner;
  private final Map<TopicPartition, List<SinkRecord>> logs = new LinkedHashMap<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private final Map<TopicPartition, Long> starts = new HashMap<>();
  private boolean isResetToEnd;
  private int reports;
  private final Set<String> reported = new HashSet<>();
  private final BooleanSupplier refusesReport;

  SimulatedTopics(String owner, List<TopicPartition> partitions, BooleanSupplier refusesReport) {
    this.owner = owner;
    this.refusesReport = refusesReport;
    partitions.forEach(partition -> logs.put(partition, new ArrayList<>()));
  }

  List<TopicPartition> partitions() {
    return List.copyOf(logs.keySet());
  }

  /** Adds a record: a good one, one that cannot be encoded, or one that Redis rejects. */
  void add(TopicPartition partition, boolean isEncodable, boolean isRefused, long timestamp) {
    List<SinkRecord> log = log(partition);
    String value = value(partition, log.size());
    log.add(
        record(
            partition,
            log.size(),
            isEncodable ? (isRefused ? value + REFUSED : value) : UNENCODABLE,
            timestamp));
  }

  /** Adds a record without a value. */
  void addTombstone(TopicPartition partition, long timestamp) {
    log(partition).add(record(partition, log(partition).size(), null, timestamp));
  }

  /** Adds a record that a transform drops. */
  void addFiltered(TopicPartition partition, long timestamp) {
    log(partition).add(record(partition, log(partition).size(), FILTERED, timestamp));
  }

  /** Returns whether a transform drops the record before the task sees it. */
  boolean isFiltered(SinkRecord record) {
    return FILTERED.equals(record.value());
  }

  private String value(TopicPartition partition, long offset) {
    return owner + ':' + partition + '@' + offset;
  }

  private List<SinkRecord> log(TopicPartition partition) {
    List<SinkRecord> log = logs.get(partition);
    if (log == null) {
      throw new AssertionError(partition + " is not this connector's");
    }
    return log;
  }

  /** Deletes the records below an offset, like retention. */
  void delete(TopicPartition partition, long below) {
    starts.put(partition, below);
  }

  /** Deletes the topic's partition and creates it again. */
  void recreate(TopicPartition partition) {
    log(partition).clear();
  }

  /** Makes a transform set the timestamp of every record. */
  void setTimestamps(long timestamp) {
    logs.values()
        .forEach(
            log ->
                log.replaceAll(
                    record ->
                        record(
                            partition(record), record.kafkaOffset(), record.value(), timestamp)));
  }

  private static TopicPartition partition(SinkRecord record) {
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }

  /**
   * Sets the offset at which a consumer continues after its offset was deleted; by default the
   * first record.
   */
  void resetToEnd() {
    isResetToEnd = true;
  }

  /** Returns the offset at which a consumer continues. */
  long position(TopicPartition partition, long offset) {
    long start = starts.getOrDefault(partition, 0L);
    boolean isThere = start <= offset && offset <= end(partition);
    return isThere ? offset : isResetToEnd ? end(partition) : start;
  }

  List<SinkRecord> from(TopicPartition partition, long offset, int count) {
    List<SinkRecord> log = log(partition);
    return List.copyOf(log.subList((int) offset, (int) Math.min(log.size(), offset + count)));
  }

  long end(TopicPartition partition) {
    return log(partition).size();
  }

  long committed(TopicPartition partition) {
    return committed.getOrDefault(partition, 0L);
  }

  void commit(TopicPartition partition, long next) {
    committed.put(partition, next);
  }

  /** Stores a dead letter unless the broker rejects it. */
  void report(SinkRecord record) {
    if (refusesReport.getAsBoolean()) {
      throw new IllegalStateException("no broker");
    }
    reports++;
    reported.add(
        value(
            new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
            record.originalKafkaOffset()));
  }

  /** Returns the number of dead letters, including duplicates. */
  int reports() {
    return reports;
  }

  /** Returns the dead letters as the values of good records with the same offsets. */
  Set<String> reported() {
    return reported;
  }

  /** Returns the values that belong in the stream, from that offset on. */
  List<String> good(TopicPartition partition, long from) {
    return log(partition).stream()
        .filter(record -> record.kafkaOffset() >= from && isGood(record))
        .map(record -> record.value().toString())
        .toList();
  }

  /** Returns the dead letters that those offsets require. */
  Set<String> bad(TopicPartition partition, long from, long to) {
    return log(partition).stream()
        .filter(record -> record.kafkaOffset() >= from && record.kafkaOffset() < to)
        .filter(record -> !isGood(record) && !isFiltered(record) && record.value() != null)
        .map(record -> value(partition, record.kafkaOffset()))
        .collect(Collectors.toSet());
  }

  /** Returns the last value of each key, null after a tombstone, by the records that are good. */
  Map<String, @Nullable String> states(TopicPartition partition) {
    Map<String, @Nullable String> states = new HashMap<>();
    for (SinkRecord record : log(partition)) {
      if (record.value() == null) {
        states.put(record.key().toString(), null);
      } else if (isGood(record)) {
        states.put(record.key().toString(), record.value().toString());
      } else {
        states.putIfAbsent(record.key().toString(), null);
      }
    }
    return states;
  }

  private boolean isGood(SinkRecord record) {
    return !isFiltered(record) && record.value() instanceof String text && !text.endsWith(REFUSED);
  }

  /** A record with one of a few keys. */
  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  static SinkRecord record(
      TopicPartition partition, long offset, @Nullable Object value, long timestamp) {
    return new SinkRecord(
        partition.topic(),
        partition.partition(),
        null,
        partition + "/" + offset * 5 % 7,
        null,
        value,
        offset,
        timestamp,
        TimestampType.CREATE_TIME);
  }
}
