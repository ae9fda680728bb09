/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the snapshots of all claims from the beginning of the topic, as any consumer can. */
final class SnapshotReader implements BackgroundTask.Body {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Object> config;
  private final Deserializer<GenericRecord> avro;
  private final SnapshotCheck check;

  SnapshotReader(String bootstrapServers, Deserializer<GenericRecord> avro, SnapshotCheck check) {
    this.config = CommittedTopic.config(bootstrapServers, "snapshot-check");
    this.avro = avro;
    this.check = check;
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    try (KafkaConsumer<String, GenericRecord> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), avro)) {
      CommittedTopic.assign(consumer, SnapshotTopology.OUTPUT);
      while (!stop.isAsked()) {
        PatientPoll.poll(consumer, POLL, stop)
            .forEach(claim -> check.snapshot(claim.key(), claim.value()));
      }
    }
  }
}
