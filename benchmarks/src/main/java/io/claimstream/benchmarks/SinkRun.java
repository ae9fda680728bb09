/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.RedisConnection;
import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.sink.RedisStreamSinkConfig;
import io.claimstream.connect.sink.RedisStreamSinkTask;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Runs the sink's task with one setting of {@code redis.delivery}, repeatedly from the start. */
final class SinkRun {
  private static final String STREAM = "claims:analytics";

  private final Map<String, String> properties;
  private final List<List<SinkRecord>> batches;

  SinkRun(String redisUri, String delivery, List<List<SinkRecord>> batches) {
    this.properties =
        Map.of(
            "name", "benchmark",
            "topics", "claims.analytics",
            "redis.uri", redisUri,
            "redis.stream", STREAM,
            "redis.delivery", delivery);
    this.batches = batches;
  }

  /** Appends all batches to an empty stream and returns how long the puts took. */
  long nanos() {
    flush();
    RedisStreamSinkTask task = new RedisStreamSinkTask();
    task.initialize(new NoReports());
    task.start(properties);
    task.open(partitions());
    long before = System.nanoTime();
    batches.forEach(batch -> put(task, batch));
    put(task, List.of()); // receives the last replies
    long nanos = System.nanoTime() - before;
    task.stop();
    check();
    return nanos;
  }

  private Set<TopicPartition> partitions() {
    return batches.stream()
        .flatMap(List::stream)
        .map(record -> new TopicPartition(record.topic(), record.kafkaPartition()))
        .collect(Collectors.toSet());
  }

  /** Calls put as a worker does: retries the same batch after a pause that the task requested. */
  private static void put(RedisStreamSinkTask task, List<SinkRecord> batch) {
    while (true) {
      try {
        task.put(batch);
        return;
      } catch (RetriableException e) {
        Thread.onSpinWait();
      }
    }
  }

  private void flush() {
    try (RedisConnection redis = connect()) {
      redis.call(Command.of("FLUSHALL"));
    }
  }

  /** Rejects a measurement of something other than intended. */
  private void check() {
    int records = batches.stream().mapToInt(List::size).sum();
    try (RedisConnection redis = connect()) {
      Object length = redis.call(Command.of("XLEN", STREAM));
      if (!Long.valueOf(records).equals(length)) {
        throw new IllegalStateException(length + " entries of " + records + " records");
      }
    }
  }

  /** Returns the Redis build. */
  static String server(String redisUri) {
    try (RedisConnection redis = new SinkRun(redisUri, "at-least-once", List.of()).connect()) {
      return RedisBuild.of(redis);
    }
  }

  private RedisConnection connect() {
    return RedisConnections.of(new RedisStreamSinkConfig(properties).redis()).open(STREAM);
  }
}
