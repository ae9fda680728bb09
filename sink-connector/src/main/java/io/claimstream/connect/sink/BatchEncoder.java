/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Encodes the records of a batch and sorts them into appends, bad records and tombstones. */
final class BatchEncoder {
  private final Destination destination;
  private final RecordEncoding encoding;

  BatchEncoder(Destination destination, RecordEncoding encoding) {
    this.destination = destination;
    this.encoding = encoding;
  }

  /** Encodes records without side effects: the same records always give the same batch. */
  Batch encode(Collection<SinkRecord> records) {
    Batch batch =
        new Batch(
            new ArrayList<>(records.size()), new ArrayList<>(), new ArrayList<>(), new HashMap<>());
    Span span = null;
    for (SinkRecord record : records) {
      RecordOrigin origin = RecordOrigin.of(record);
      if (span == null || !origin.partition().equals(span.partition())) {
        span = batch.spans.computeIfAbsent(origin.partition(), p -> new Span(origin));
      }
      span.add(origin, record);
      String target = destination.of(origin.partition().topic());
      try {
        encoding
            .encode(target, origin, record)
            .ifPresentOrElse(batch.appends::add, () -> batch.tombstones.add(target));
      } catch (DataException e) {
        batch.bad.add(BadRecord.of(record, destination, target, e));
      }
    }
    return batch;
  }

  /**
   * An encoded batch.
   *
   * @param appends the entries to append, in order
   * @param bad the records that cannot be appended, in order
   * @param tombstones the streams of the tombstones that are skipped
   * @param spans the offset range of each partition's records
   */
  record Batch(
      List<StreamAppend> appends,
      List<BadRecord> bad,
      List<String> tombstones,
      Map<TopicPartition, Span> spans) {

    /** Returns the batch without the appends and the bad records of some partitions. */
    Batch without(Set<TopicPartition> partitions) {
      return partitions.isEmpty()
          ? this
          : new Batch(
              appends.stream()
                  .filter(append -> !partitions.contains(append.origin().partition()))
                  .toList(),
              bad.stream().filter(each -> !partitions.contains(each.origin().partition())).toList(),
              tombstones,
              spans);
    }
  }

  /** The offset range and the newest timestamp of a partition's records. */
  static final class Span {
    private final RecordOrigin first;
    private RecordOrigin last;
    private long newest = -1;

    private Span(RecordOrigin first) {
      this.first = first;
      this.last = first;
    }

    private void add(RecordOrigin origin, SinkRecord record) {
      last = origin;
      Long timestamp = record.timestamp();
      newest = Math.max(newest, timestamp == null ? -1 : timestamp);
    }

    private TopicPartition partition() {
      return first.partition();
    }

    RecordOrigin first() {
      return first;
    }

    RecordOrigin last() {
      return last;
    }

    /** Returns the newest timestamp, or -1 if no record has one. */
    long newest() {
      return newest;
    }
  }
}
