/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Extracts a claim event's time from its value. The record's own timestamp is the time when the
 * connector read the entry, unless {@code record.timestamp} says otherwise.
 */
final class EventTimeExtractor implements TimestampExtractor {

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return record.value() instanceof GenericRecord event
            && event.get("timestamp") instanceof Long millis
        ? millis
        : record.timestamp();
  }
}
