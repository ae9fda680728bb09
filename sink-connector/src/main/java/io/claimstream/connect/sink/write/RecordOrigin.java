/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Where a record lies in Kafka, whatever transforms made of its topic: stable over redeliveries.
 *
 * @param partition the original topic and partition
 * @param offset the original offset
 */
public record RecordOrigin(TopicPartition partition, long offset) {

  /** The record's place before any transform. */
  public static RecordOrigin of(SinkRecord record) {
    return new RecordOrigin(
        new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
        record.originalKafkaOffset());
  }

  /** {@code topic-partition@offset}, for messages. */
  @Override
  public String toString() {
    return partition + "@" + offset;
  }
}
