/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the committed records of the events' topic and passes them to the check. */
final class TopicReader implements BackgroundTask.Body {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, Object> config;
  private final Deserializer<GenericRecord> avro;
  private final ArrivalCheck check;
  private final Latencies latencies;
  private final AtomicReference<@Nullable CompletableFuture<Void>> wanted = new AtomicReference<>();

  TopicReader(
      String bootstrapServers,
      Deserializer<GenericRecord> avro,
      ArrivalCheck check,
      Latencies latencies) {
    this.config = CommittedTopic.config(bootstrapServers, "arrival-check");
    this.avro = avro;
    this.check = check;
    this.latencies = latencies;
  }

  /**
   * Waits until every record that is in the topic now is read, or reading has failed.
   *
   * @param failures ends the wait if the reader has failed
   */
  void readToEnd(Failures failures, Duration longest) throws InterruptedException {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    wanted.set(reached);
    long deadline = System.nanoTime() + longest.toNanos();
    while (!reached.isDone()) {
      if (System.nanoTime() > deadline) {
        throw new DemoException(
            "topic " + AnalyticsTopology.INPUT + " was not read to its end in " + longest);
      }
      failures.await(POLL);
    }
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    try (KafkaConsumer<String, GenericRecord> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), avro)) {
      CommittedTopic.assign(consumer, AnalyticsTopology.INPUT);
      while (!stop.isAsked()) {
        for (ConsumerRecord<String, GenericRecord> entry : PatientPoll.poll(consumer, POLL, stop)) {
          note(entry);
        }
        tellIfAtEnd(consumer);
      }
    }
  }

  private void note(ConsumerRecord<String, GenericRecord> entry) {
    EntryId id = EntryId.parse(ClaimRecords.text(entry.value(), "stream_id"));
    latencies.add(System.currentTimeMillis() - id.millis());
    check.arrived(id, ClaimRecords.text(entry.value(), "claim_id").equals(entry.key()));
  }

  private void tellIfAtEnd(KafkaConsumer<String, GenericRecord> consumer) {
    CompletableFuture<Void> reached = wanted.get();
    if (reached != null && atEnd(consumer)) {
      wanted.compareAndSet(reached, null);
      reached.complete(null);
    }
  }

  private static boolean atEnd(KafkaConsumer<String, GenericRecord> consumer) {
    return consumer.endOffsets(consumer.assignment()).entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
