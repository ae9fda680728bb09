/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.slf4j.LoggerFactory;

/** Polls records whose schema may be unavailable while the registry is down. */
final class PatientPoll {
  private static final Duration RETRY = Duration.ofMillis(500);

  private PatientPoll() {}

  /** Returns the next records; none if one cannot be decoded now: the next poll retries it. */
  static <K, V> ConsumerRecords<K, V> poll(
      KafkaConsumer<K, V> consumer, Duration longest, BackgroundTask.Stop stop)
      throws InterruptedException {
    try {
      return consumer.poll(longest);
    } catch (RecordDeserializationException e) {
      LoggerFactory.getLogger(PatientPoll.class)
          .warn("Cannot decode {} at {}; retrying", e.topicPartition(), e.offset(), e);
      stop.await(RETRY);
      return ConsumerRecords.empty();
    }
  }
}
