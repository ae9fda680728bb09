/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the snapshots of all claims from the beginning of the topic, as any consumer can. */
final class SnapshotReader implements BackgroundTask.Body {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Object> config;
  private final Deserializer<GenericRecord> avro;
  private final SnapshotCheck check;

  SnapshotReader(String bootstrapServers, Deserializer<GenericRecord> avro, SnapshotCheck check) {
    this.config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.CLIENT_ID_CONFIG,
            "snapshot-check");
    this.avro = avro;
    this.check = check;
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    try (KafkaConsumer<String, GenericRecord> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), avro)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(SnapshotTopology.OUTPUT).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!stop.isAsked()) {
        PatientPoll.poll(consumer, POLL, stop)
            .forEach(claim -> check.snapshot(claim.key(), claim.value()));
      }
    }
  }
}
