/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.throughput.Streams.Window;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A topic whose records have the broker's append time, so that no consumer has to run during a
 * measurement.
 */
final class TopicLog implements AutoCloseable {
  private static final short REPLICAS = 1;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofMinutes(5);

  private final Admin admin;
  private final String bootstrapServers;
  private final String name;
  private final List<TopicPartition> partitions;

  private TopicLog(Admin admin, String bootstrapServers, String name, int partitions) {
    this.admin = admin;
    this.bootstrapServers = bootstrapServers;
    this.name = name;
    this.partitions =
        IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(name, i)).toList();
  }

  static TopicLog create(String bootstrapServers, String name, int partitions) {
    Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    NewTopic topic =
        new NewTopic(name, partitions, REPLICAS)
            .configs(
                Map.of(
                    "message.timestamp.type",
                    "LogAppendTime",
                    "max.message.bytes",
                    "8388608",
                    // frees the space at once
                    "file.delete.delay.ms",
                    "1000"));
    await(admin.createTopics(List.of(topic)).all());
    return new TopicLog(admin, bootstrapServers, name, partitions);
  }

  String name() {
    return name;
  }

  /** Returns the end of the log: records, and a marker for each transaction. */
  long end() {
    return offsets(OffsetSpec.latest()).values().stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }

  /** Returns when the first and the last record were appended. */
  Window window() {
    long first =
        offsets(OffsetSpec.forTimestamp(0)).values().stream()
            .mapToLong(ListOffsetsResultInfo::timestamp)
            .filter(time -> time >= 0)
            .min()
            .orElseThrow();
    long last =
        offsets(OffsetSpec.maxTimestamp()).values().stream()
            .mapToLong(ListOffsetsResultInfo::timestamp)
            .max()
            .orElseThrow();
    return new Window(first, last);
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(OffsetSpec spec) {
    return await(
        admin.listOffsets(partitions.stream().collect(Collectors.toMap(p -> p, p -> spec))).all());
  }

  /**
   * Reads all records and returns the number of committed ones; stops when none arrive for a while.
   */
  long committedRecords(long expected) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers)) {
      long count = read(consumer, expected, SILENCE);
      // an additional record would arrive now
      for (ConsumerRecord<byte[], byte[]> unexpected : consumer.poll(POLL)) {
        count += unexpected.serializedValueSize() >= 0 ? 1 : 0;
      }
      return count;
    }
  }

  /**
   * Returns as soon as a reader of committed records has that many.
   *
   * @throws BenchmarkException if none arrive for long
   */
  void awaitCommitted(long expected) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers)) {
      long count = read(consumer, expected, START);
      if (count < expected) {
        throw new BenchmarkException(count + " of " + expected + " records", null);
      }
    }
  }

  /** Reads from the beginning until that many records have arrived, or none for that time. */
  private long read(KafkaConsumer<byte[], byte[]> consumer, long expected, Duration patience) {
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    long count = 0;
    long silentSince = System.nanoTime();
    while (count < expected && System.nanoTime() - silentSince < patience.toNanos()) {
      int polled = consumer.poll(POLL).count();
      count += polled;
      silentSince = polled > 0 ? System.nanoTime() : silentSince;
    }
    return count;
  }

  static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrapServers);
    config.put("isolation.level", "read_committed");
    config.put("enable.auto.commit", false);
    config.put("auto.offset.reset", "earliest");
    config.put("max.poll.records", 5_000);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Deletes the topic. */
  void delete() {
    await(admin.deleteTopics(List.of(name)).all());
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new BenchmarkException("Kafka rejected the request: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException("interrupted while waiting for Kafka", e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
