/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A real task with what a worker does around it: fetch from where it stands, hand over the same
 * batch until it is taken, commit what the task allows.
 */
final class SimulatedSinkTask {
  private final Supplier<RedisStreamSinkTask> starts;
  private final SimulatedTopics topics;
  private final Set<TopicPartition> assigned;
  private final Map<TopicPartition, Long> fetched = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> delivered = new HashMap<>();
  private List<SinkRecord> batch = List.of();
  private RedisStreamSinkTask task;
  private boolean isHeldBack;
  private boolean isZombie;

  /** Starts at the committed offsets. */
  SimulatedSinkTask(
      Map<String, String> properties,
      FakeRedis redis,
      FakeClock clock,
      SimulatedTopics topics,
      Set<TopicPartition> assigned) {
    this.topics = topics;
    this.assigned = assigned;
    this.starts =
        () -> {
          RedisStreamSinkTask started = new RedisStreamSinkTask(settings -> redis, clock);
          started.initialize(new FakeSinkContext(topics::report));
          started.start(properties);
          return started;
        };
    this.task = starts.get();
    open(assigned());
  }

  /** One turn of the worker's loop; whether there was anything to do. */
  boolean turn(Random random) {
    if (batch.isEmpty() && !isHeldBack) {
      batch = fetch(random);
    }
    try {
      task.put(batch);
    } catch (RetriableException e) {
      isHeldBack = true;
      return true;
    } catch (ConnectException e) {
      restartAfter(e);
      return true;
    }
    isHeldBack = false;
    if (batch.isEmpty()) {
      return false;
    }
    fetched.forEach((partition, next) -> delivered.put(partition, new OffsetAndMetadata(next)));
    batch = List.of();
    return true;
  }

  /** The worker ends a task whose put failed, and commits once more; then somebody restarts it. */
  private void restartAfter(ConnectException failure) {
    if (!String.valueOf(failure.getMessage()).contains("errors.deadletterqueue")) {
      throw failure;
    }
    Set<TopicPartition> former = assigned();
    stop();
    isHeldBack = false;
    task = starts.get();
    open(former);
  }

  private List<SinkRecord> fetch(Random random) {
    List<SinkRecord> records = new ArrayList<>();
    int most = random.nextInt(10) == 0 ? 50 : 6;
    for (TopicPartition partition : assigned) {
      List<SinkRecord> next =
          topics.from(partition, fetched.getOrDefault(partition, 0L), random.nextInt(most));
      if (!next.isEmpty()) {
        records.addAll(next);
        fetched.put(partition, next.get(next.size() - 1).kafkaOffset() + 1);
      }
    }
    return records;
  }

  /** Commits, to which Kafka does not listen if the task is a zombie. */
  void commit() {
    task.preCommit(new HashMap<>(delivered))
        .forEach(
            (partition, next) -> {
              if (!isZombie) {
                topics.commit(partition, next.offset());
              }
            });
  }

  /** Is replaced, and does not know it. */
  void becomeZombie() {
    isZombie = true;
  }

  /** What a rebalance takes away, in the middle of a batch or not. */
  void close(Collection<TopicPartition> partitions) {
    commit();
    lose(partitions);
  }

  /** What the group has taken away already: it is too late to commit. */
  void lose(Collection<TopicPartition> partitions) {
    task.close(partitions);
    assigned.removeAll(partitions);
    partitions.forEach(delivered::remove);
    partitions.forEach(fetched::remove);
    batch = batch.stream().filter(record -> assigned.contains(partition(record))).toList();
  }

  /** What a rebalance brings. */
  void open(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      assigned.add(partition);
      fetched.put(partition, topics.committed(partition));
      delivered.put(partition, new OffsetAndMetadata(topics.committed(partition)));
    }
    task.open(partitions);
  }

  Set<TopicPartition> assigned() {
    return Set.copyOf(assigned);
  }

  void stop() {
    close(assigned());
    task.stop();
  }

  private static TopicPartition partition(SinkRecord record) {
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }
}
