/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A record's location in Kafka before any transform: stable across redeliveries.
 *
 * @param partition the original topic and partition
 * @param offset the original offset
 */
public record RecordOrigin(TopicPartition partition, long offset) {

  /** Returns the record's location before any transform. */
  public static RecordOrigin of(SinkRecord record) {
    return new RecordOrigin(
        new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
        record.originalKafkaOffset());
  }

  /** Returns {@code topic-partition@offset}, for messages. */
  @Override
  public String toString() {
    return partition + "@" + offset;
  }
}
