/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * A real task in the loop of Connect's {@code WorkerSinkTask}: commits if requested, seeks where
 * the task wants to read again, fetches from partitions that are not paused unless a batch is held
 * back, delivers the same batch until it is accepted, and commits the offsets that the task allows.
 */
final class SimulatedSinkTask {
  private final Function<FakeSinkContext, SinkTask> starts;
  private final SimulatedTopics topics;
  private final Set<TopicPartition> assigned;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> polled = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> current = new HashMap<>();
  private List<SinkRecord> batch = List.of();
  private FakeSinkContext context;
  private SinkTask task;
  private boolean isHeldBack;
  private boolean isZombie;
  private boolean hasEnded;
  private int calls;

  /** Starts at the committed offsets. */
  SimulatedSinkTask(
      Map<String, String> properties,
      FakeRedis redis,
      FakeClock clock,
      SimulatedTopics topics,
      Set<TopicPartition> assigned) {
    this(() -> new RedisStreamSinkTask(settings -> redis, clock), properties, topics, assigned);
  }

  /** Starts a task of any kind at the committed offsets. */
  SimulatedSinkTask(
      Supplier<SinkTask> tasks,
      Map<String, String> properties,
      SimulatedTopics topics,
      Set<TopicPartition> assigned) {
    this.topics = topics;
    this.assigned = assigned;
    this.starts =
        fresh -> {
          SinkTask started = tasks.get();
          started.initialize(fresh);
          started.start(properties);
          return started;
        };
    this.context = new FakeSinkContext(topics::report);
    this.task = starts.apply(context);
    open(assigned());
  }

  /** Turns until there is nothing to do, then commits. */
  void settle(FakeClock clock) {
    turnWithoutCommit(clock);
    commit();
  }

  /** Turns until there is nothing to do. */
  void turnWithoutCommit(FakeClock clock) {
    Random random = new Random(1);
    int turns = 0;
    while (turn(random) || isBehind()) {
      clock.advance(Duration.ofMillis(10));
      if (++turns > 10_000) {
        throw new AssertionError("never comes to rest");
      }
    }
  }

  private boolean isBehind() {
    return positions.entrySet().stream()
        .anyMatch(position -> position.getValue() < topics.end(position.getKey()));
  }

  /** Whether the worker waits for the task to begin with the partition. */
  boolean isPaused(TopicPartition partition) {
    return context.paused.contains(partition);
  }

  /** Returns whether this task may be called: it has not ended, and no call is in progress. */
  boolean isAtRest() {
    return !isBusy() && !hasEnded;
  }

  /** Returns whether a call of this task is in progress. */
  boolean isBusy() {
    return calls > 0;
  }

  /** Runs one turn of the worker's loop; returns whether there was anything to do. */
  boolean turn(Random random) {
    if (hasEnded) {
      return false;
    }
    calls++;
    try {
      return turnAlone(random);
    } finally {
      calls--;
    }
  }

  private boolean turnAlone(Random random) {
    if (context.isCommitRequested) {
      commit();
      context.isCommitRequested = false;
    }
    seek();
    if (!isHeldBack) {
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
    boolean isBusy =
        isHeldBack || !polled.isEmpty() || !context.rewinds.isEmpty() || !context.paused.isEmpty();
    isHeldBack = false;
    current.putAll(polled);
    polled.clear();
    batch = List.of();
    return isBusy;
  }

  /** Returns the offsets that the task wants to read again. */
  private void seek() {
    context.rewinds.forEach(
        (partition, offset) -> {
          assertAssigned(partition);
          positions.put(partition, offset);
          current.put(partition, new OffsetAndMetadata(offset));
        });
    context.rewinds.clear();
  }

  private void assertAssigned(TopicPartition partition) {
    if (!assigned.contains(partition)) {
      throw new AssertionError("seeks in " + partition + ", which is another task's");
    }
  }

  /** The worker stops a task whose put failed and commits once more; then the task is restarted. */
  private void restartAfter(ConnectException failure) {
    if (!String.valueOf(failure.getMessage()).contains("errors.deadletterqueue")) {
      if (!isZombie) {
        throw failure;
      }
      hasEnded = true; // whoever replaced it had the stored offsets deleted
      return;
    }
    Set<TopicPartition> former = assigned();
    stop();
    isHeldBack = false;
    batch = List.of();
    polled.clear();
    current.clear();
    context = new FakeSinkContext(topics::report);
    task = starts.apply(context);
    open(former);
  }

  private List<SinkRecord> fetch(Random random) {
    List<SinkRecord> records = new ArrayList<>();
    int most = random.nextInt(10) == 0 ? 50 : 6;
    for (TopicPartition partition : assigned) {
      if (context.paused.contains(partition)) {
        continue;
      }
      long position = topics.position(partition, positions.getOrDefault(partition, 0L));
      positions.put(partition, position);
      List<SinkRecord> next = topics.from(partition, position, random.nextInt(most));
      if (!next.isEmpty()) {
        long end = next.get(next.size() - 1).kafkaOffset() + 1;
        positions.put(partition, end);
        polled.put(partition, new OffsetAndMetadata(end));
        next.stream().filter(record -> !topics.isFiltered(record)).forEach(records::add);
      }
    }
    return records;
  }

  /** Commits; Kafka ignores the commit of a zombie. */
  void commit() {
    Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>(current);
    wanted.keySet().retainAll(assigned);
    calls++;
    task.preCommit(new HashMap<>(wanted))
        .forEach(
            (partition, next) -> {
              OffsetAndMetadata most = wanted.get(partition);
              if (!isZombie && most != null && next.offset() <= most.offset()) {
                topics.commit(partition, next.offset());
              }
            });
    calls--;
  }

  /** Another task replaces this one without its knowledge. */
  void becomeZombie() {
    isZombie = true;
  }

  /**
   * Revokes partitions, in the middle of a batch or not. Connect drops the partitions' records from
   * the batch that it holds back, but not the offsets that it commits after the rest of the batch
   * is accepted.
   */
  void close(Collection<TopicPartition> partitions) {
    commit();
    end(partitions);
  }

  /** Loses partitions that the group has already reassigned: a commit is too late. */
  void lose(Collection<TopicPartition> partitions) {
    end(partitions);
    partitions.forEach(current::remove);
    partitions.forEach(polled::remove);
  }

  private void end(Collection<TopicPartition> partitions) {
    calls++;
    task.close(partitions);
    calls--;
    assigned.removeAll(partitions);
    partitions.forEach(positions::remove);
    context.paused.removeAll(partitions);
    context.rewinds.keySet().removeAll(partitions);
    batch = batch.stream().filter(record -> assigned.contains(partition(record))).toList();
    isHeldBack &= !batch.isEmpty();
  }

  /** Assigns partitions in a rebalance. */
  void open(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      assigned.add(partition);
      positions.put(partition, topics.committed(partition));
      current.put(partition, new OffsetAndMetadata(topics.committed(partition)));
    }
    calls++;
    task.open(partitions);
    calls--;
  }

  Set<TopicPartition> assigned() {
    return new LinkedHashSet<>(assigned); // in the same order in every JVM
  }

  void stop() {
    close(assigned());
    task.stop();
  }

  private static TopicPartition partition(SinkRecord record) {
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }
}
