/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Connect with exactly-once support, as far as a task can tell: records and offsets are committed
 * together, tasks are told after that, and only the newest task can commit.
 */
final class SimulatedConnect implements OffsetStorageReader {
  private static final RecordMetadata METADATA =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  private final FakeRedis redis;
  private final FakeClock clock;
  private final Map<Map<String, ?>, Map<String, Object>> offsets = new HashMap<>();
  private final List<String> committed = new ArrayList<>();
  private final List<String> deadLetters = new ArrayList<>();
  private final List<SimulatedTask> tasks = new ArrayList<>();
  private Predicate<SourceRecord> dropped = record -> false;

  SimulatedConnect(FakeRedis redis, FakeClock clock) {
    this.redis = redis;
    this.clock = clock;
  }

  /** The topic: each record as stream and entry id. */
  List<String> committed() {
    return committed;
  }

  /** The topic of dead letters: each as stream and entry id. */
  List<String> deadLetters() {
    return deadLetters;
  }

  /** Which records a transform fails on, so that they never reach Kafka. */
  void drop(Predicate<SourceRecord> records) {
    dropped = records;
  }

  /** Fences all tasks and starts new ones, one per task configuration. */
  List<SimulatedTask> start(Map<String, String> connector, int maxTasks) {
    tasks.clear();
    RedisStreamSourceConnector plugin = new RedisStreamSourceConnector();
    plugin.start(connector);
    for (Map<String, String> task : plugin.taskConfigs(maxTasks)) {
      tasks.add(new SimulatedTask(new RedisStreamSourceConfig(task)));
    }
    return List.copyOf(tasks);
  }

  @Override
  public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
    return offsets.get(partition);
  }

  @Override
  public <T> Map<Map<String, T>, Map<String, Object>> offsets(
      Collection<Map<String, T>> partitions) {
    Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
    partitions.forEach(
        partition -> {
          Map<String, Object> offset = offsets.get(partition);
          if (offset != null) {
            found.put(partition, offset);
          }
        });
    return found;
  }

  /** One task with its open transaction. */
  final class SimulatedTask {
    private final RunningSource source;
    private final List<SourceRecord> transaction = new ArrayList<>();
    private final List<SourceRecord> untold = new ArrayList<>();
    private boolean failed;

    private SimulatedTask(RedisStreamSourceConfig config) {
      this.source = new SourceAssembly(config, redis, SimulatedConnect.this, clock).source();
    }

    boolean hasFailed() {
      return failed;
    }

    /** Reads what there is; false if there was nothing. */
    boolean poll() {
      if (failed) {
        return false;
      }
      try {
        List<SourceRecord> polled = source.poll();
        clock.advance(Duration.ofMillis(50));
        if (polled == null) {
          return false;
        }
        transaction.addAll(polled);
        return true;
      } catch (ConnectException e) {
        failed = true;
        return false;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Commits records and offsets in one step, unless a newer task has fenced this one. */
    void commit() {
      if (!tasks.contains(this)) {
        failed = true;
        transaction.clear();
        return;
      }
      for (SourceRecord sent : transaction) {
        Struct value = (Struct) sent.value();
        if (dropped.test(sent)) {
          continue;
        }
        if (value.schema().field("error_id") != null) {
          deadLetters.add(value.get("error_stream") + "/" + value.get("error_id"));
        } else {
          committed.add(sent.sourcePartition().get("stream") + "/" + value.get("stream_id"));
        }
        offsets.put(sent.sourcePartition(), new HashMap<>(sent.sourceOffset()));
      }
      untold.addAll(transaction);
      transaction.clear();
    }

    /** Tells the task what was committed. */
    void tell() {
      untold.forEach(sent -> source.commitRecord(sent, dropped.test(sent) ? null : METADATA));
      untold.clear();
    }

    void acknowledge() {
      source.acknowledge();
    }

    /** Ends as Connect ends a task. */
    void stop() {
      commit();
      tell();
      acknowledge();
      source.close();
    }
  }
}
