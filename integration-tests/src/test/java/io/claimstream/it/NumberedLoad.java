/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes numbered records to a new topic in the background until it is stopped. Record n goes to
 * partition n modulo their number, where its offset is n divided by it.
 */
final class NumberedLoad implements AutoCloseable {
  private final Topic topic;
  private final int partitions;
  private final int batch;
  private final Duration pause;
  private final CompletableFuture<Void> writing;
  private volatile boolean stopped;
  private volatile int written;

  /** Writes batches of that size with that pause between them. */
  NumberedLoad(Topic topic, int partitions, int batch, Duration pause) {
    this.topic = topic;
    this.partitions = partitions;
    this.batch = batch;
    this.pause = pause;
    this.writing = CompletableFuture.runAsync(this::write);
  }

  /** How many Kafka has acknowledged. */
  int written() {
    return written;
  }

  /** Ends it, and returns how many records the topic has. */
  int stop() {
    close();
    writing.join();
    return written;
  }

  private void write() {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, topic.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      while (!stopped) {
        int from = written;
        List<Future<RecordMetadata>> sent = new ArrayList<>(batch);
        for (int n = from; n < from + batch; n++) {
          sent.add(
              producer.send(
                  new ProducerRecord<>(
                      topic.name(), n % partitions, null, SinkTestBase.numbered(n))));
        }
        for (int i = 0; i < batch; i++) {
          assertThat(sent.get(i).get().offset()).isEqualTo((from + i) / partitions);
        }
        written = from + batch;
        LockSupport.parkNanos(pause.toNanos());
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("cannot write to topic " + topic.name(), e);
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
