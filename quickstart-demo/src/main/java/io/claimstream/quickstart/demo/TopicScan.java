/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the committed records of a topic from its start, once. */
final class TopicScan {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Map<String, Object> config;

  TopicScan(String bootstrapServers) {
    this.config = CommittedTopic.config(bootstrapServers, "claim-lookup");
    // where retention deletes the records that a scan is about to read
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LONGEST.toMillis());
  }

  /** Passes on every record that is committed now. */
  void committed(String topic, Consumer<ConsumerRecord<String, byte[]>> each) {
    scan(topic, consumer -> consumer.endOffsets(consumer.assignment()), each);
  }

  /**
   * Passes on every record up to those offsets.
   *
   * @param end the end of each of the topic's partitions; may be in transactions that are not
   *     committed yet: waits for those
   * @return the offset at which each partition began when the scan was over
   * @throws DemoException if a transaction takes too long
   */
  Map<TopicPartition, Long> until(
      String topic, Map<TopicPartition, Long> end, Consumer<ConsumerRecord<String, byte[]>> each) {
    return scan(topic, consumer -> end, each);
  }

  private Map<TopicPartition, Long> scan(
      String topic,
      Function<KafkaConsumer<?, ?>, Map<TopicPartition, Long>> ends,
      Consumer<ConsumerRecord<String, byte[]>> each) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = CommittedTopic.assign(consumer, topic);
      Map<TopicPartition, Long> end = ends.apply(consumer);
      long deadline = System.nanoTime() + LONGEST.toNanos();
      while (!isReadTo(end, consumer)) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        records.forEach(each);
        if (!records.isEmpty()) {
          deadline = System.nanoTime() + LONGEST.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw new DemoException(
              "topic " + topic + " has a transaction that is not completed; try again");
        }
      }
      return consumer.beginningOffsets(partitions);
    }
  }

  private static boolean isReadTo(Map<TopicPartition, Long> end, KafkaConsumer<?, ?> consumer) {
    return end.entrySet().stream()
        .allMatch(last -> consumer.position(last.getKey()) >= last.getValue());
  }
}
