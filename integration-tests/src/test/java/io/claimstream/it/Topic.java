/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A test's own look at a topic.
 *
 * @param bootstrapServers where the broker is
 * @param name the topic's name
 */
public record Topic(String bootstrapServers, String name) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Everything that is committed in the topic now, in the order of each partition. */
  List<ConsumerRecord<byte[], byte[]>> records() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    forEach(records::add);
    return records;
  }

  /** The same, for a topic that is too large to keep in memory. */
  public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> action) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_committed")) {
      Map<TopicPartition, Long> ends = ends(consumer);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(action);
      }
    }
  }

  /** How many records and transaction markers the topic has: at least as many as its records. */
  long size() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
      return ends(consumer).values().stream().mapToLong(end -> end).sum();
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer(String isolation) {
    Properties config = new Properties();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // a look creates nothing, though stock brokers would let it
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Has the consumer read all partitions; returns where they end. */
  private Map<TopicPartition, Long> ends(KafkaConsumer<?, ?> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(name).stream()
            .map(info -> new TopicPartition(name, info.partition()))
            .toList();
    consumer.assign(partitions);
    return consumer.endOffsets(partitions);
  }

  /** Waits until the topic holds that many records, and returns all it holds then. */
  List<ConsumerRecord<byte[], byte[]>> await(int count) {
    return await(count, PATIENCE);
  }

  /** The same, with more patience. */
  List<ConsumerRecord<byte[], byte[]>> await(int count, Duration patience) {
    return Awaitility.await("records in topic " + name)
        .atMost(patience)
        .ignoreExceptions()
        .until(this::records, records -> records.size() >= count);
  }

  /** Writes one record and waits for Kafka's acknowledgement. */
  void produce(@Nullable String key, byte @Nullable [] value) {
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    send(List.of(new ProducerRecord<>(name, keyBytes, value)));
  }

  /** Writes records with keys and waits for Kafka's acknowledgement. */
  void produceKeyed(List<Map.Entry<String, byte @Nullable []>> records) {
    send(
        records.stream()
            .map(
                record ->
                    new ProducerRecord<byte[], byte[]>(
                        name, record.getKey().getBytes(StandardCharsets.UTF_8), record.getValue()))
            .toList());
  }

  /** Writes one record with that timestamp and waits for Kafka's acknowledgement. */
  void produceAt(Instant timestamp, byte[] value) {
    send(List.of(new ProducerRecord<>(name, null, timestamp.toEpochMilli(), null, value)));
  }

  /** Writes records without keys and waits for Kafka's acknowledgement. */
  void produce(List<byte[]> values) {
    send(values.stream().map(value -> new ProducerRecord<byte[], byte[]>(name, value)).toList());
  }

  /** Writes records without keys to one partition and waits for Kafka's acknowledgement. */
  void produceTo(int partition, List<byte[]> values) {
    send(
        values.stream()
            .map(value -> new ProducerRecord<byte[], byte[]>(name, partition, null, value))
            .toList());
  }

  /** Changes a setting of the topic. */
  void configure(String setting, String value) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    AlterConfigOp change =
        new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin
          .incrementalAlterConfigs(Map.of(resource, List.of(change)))
          .all()
          .toCompletionStage()
          .toCompletableFuture()
          .join();
    }
  }

  private void send(List<ProducerRecord<byte[], byte[]>> records) {
    Properties config = new Properties();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    // a partition that was just made may refuse the first batch and take the second
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      records.forEach(record -> sent.add(producer.send(record)));
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("cannot write to topic " + name, e);
    }
  }
}
