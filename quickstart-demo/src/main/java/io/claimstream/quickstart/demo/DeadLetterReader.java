/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.quickstart.dashboard.DashboardSources.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the latest dead letters of the connectors: the source's from Redis, the sink's from a
 * topic. Used by one thread.
 */
final class DeadLetterReader implements Supplier<List<DeadLetter>>, AutoCloseable {
  private static final int SHOWN = 20;
  private static final int CONTENT = 500;
  private static final String REDIS_FIELD = "error_";
  private static final String HEADER = "__connect.errors.";
  private static final Duration POLL = Duration.ofMillis(20);

  private final RedisSession redis;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deque<DeadLetter> fromTopics = new ArrayDeque<>();
  private List<DeadLetter> fromRedis = List.of();

  /**
   * Creates a reader that connects on the first call.
   *
   * @param topics Connect's dead letter topics, each with one partition
   */
  DeadLetterReader(RedisConnections redis, String bootstrapServers, List<String> topics) {
    this.redis = new RedisSession(redis, Breaks.FAILED_STREAM);
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.CLIENT_ID_CONFIG,
                "dead-letters"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        topics.stream().map(topic -> new TopicPartition(topic, 0)).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /**
   * Returns the latest dead letters, newest first; those in Redis are the previous ones while it
   * does not reply.
   */
  @Override
  public synchronized List<DeadLetter> get() {
    if (!consumer.assignment().isEmpty()) {
      consumer.poll(POLL).forEach(this::add);
    }
    Command command = Command.of("XREVRANGE", Breaks.FAILED_STREAM, "+", "-", "COUNT", SHOWN);
    fromRedis =
        redis.call(connection -> Replies.entries(connection.call(command))).stream()
            .map(DeadLetterReader::ofEntry)
            .toList();
    List<DeadLetter> all = new ArrayList<>(fromRedis);
    all.addAll(fromTopics);
    all.sort(Comparator.comparing(DeadLetter::time).reversed());
    return all.stream().limit(SHOWN).toList();
  }

  private void add(ConsumerRecord<byte[], byte[]> letter) {
    fromTopics.addLast(ofRecord(letter));
    if (fromTopics.size() > SHOWN) {
      fromTopics.removeFirst();
    }
  }

  private static DeadLetter ofEntry(StreamEntry entry) {
    Map<String, String> fields = ClaimProducer.fields(entry);
    Map<String, String> content = new LinkedHashMap<>(fields);
    content.keySet().removeIf(name -> name.startsWith(REDIS_FIELD));
    return new DeadLetter(
        "stream " + Breaks.FAILED_STREAM,
        entry.id().toString(),
        fields.getOrDefault("error_stream", "?") + " " + fields.getOrDefault("error_id", "?"),
        fields.getOrDefault("error_connector", "?"),
        fields.getOrDefault("error_message", "?"),
        fields.getOrDefault("error_time", Instant.ofEpochMilli(entry.id().millis()).toString()),
        shortened(
            content.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" "))));
  }

  private static DeadLetter ofRecord(ConsumerRecord<byte[], byte[]> letter) {
    int bytes = letter.value() == null ? 0 : letter.value().length;
    return new DeadLetter(
        "topic " + letter.topic(),
        Long.toString(letter.offset()),
        header(letter, "topic")
            + "-"
            + header(letter, "partition")
            + "@"
            + header(letter, "offset"),
        header(letter, "connector.name"),
        header(letter, "exception.message"),
        Instant.ofEpochMilli(letter.timestamp()).toString(),
        bytes + " bytes");
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(HEADER + name);
    return header == null || header.value() == null
        ? "?"
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static String shortened(String text) {
    return text.length() <= CONTENT ? text : text.substring(0, CONTENT) + "…";
  }

  @Override
  public synchronized void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    redis.close();
  }
}
