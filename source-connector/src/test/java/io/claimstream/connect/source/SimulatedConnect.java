/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import io.claimstream.connect.redis.client.RedisConnections;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.record.EntryRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Connect, as far as a task can tell.
 *
 * <p>With exactly-once support records and offsets are committed together, tasks are told after
 * that, and only the newest task can commit. Without it a record is in Kafka at once, whoever sends
 * it, and offsets follow when {@link SimulatedTask#flush} comes to it.
 */
final class SimulatedConnect implements OffsetStorageReader {
  private static final RecordMetadata METADATA =
      new RecordMetadata(new TopicPartition("t", 0), 0, 0, 0, 0, 0);

  /** Longer than a backoff whose random delay is at most about 100 ms: a seed repeats a run. */
  private static final Duration TURN = Duration.ofMillis(200);

  /** Reading a configuration loads schemas: far slower than all that is simulated. */
  private static final Map<Deployment, List<RedisStreamSourceConfig>> TASKS =
      new ConcurrentHashMap<>();

  private final RedisConnections redis;
  private final FakeClock clock;
  private final boolean exactlyOnce;
  private final Map<Map<String, ?>, Map<String, Object>> offsets = new HashMap<>();
  private final List<String> committed = new ArrayList<>();
  private final List<String> contents = new ArrayList<>();
  private final List<String> deadLetters = new ArrayList<>();
  private int heartbeats;
  private final List<SimulatedTask> tasks = new ArrayList<>();
  private int lookUps;
  private Predicate<SourceRecord> dropped = record -> false;
  private Duration turn = TURN;
  private boolean definesBoundaries;
  private boolean tellsAtOnce;

  /** What decides the configuration of all tasks. */
  private record Deployment(Map<String, String> connector, int maxTasks) {}

  SimulatedConnect(RedisConnections redis, FakeClock clock, boolean exactlyOnce) {
    this.redis = redis;
    this.clock = clock;
    this.exactlyOnce = exactlyOnce;
  }

  /** The topic: each record as stream and entry id. */
  List<String> committed() {
    return committed;
  }

  /** The topic: the last field of each record's entry, since Redis may hand out an id twice. */
  List<String> contents() {
    return contents;
  }

  /** The highest offset of a stream's consumers. */
  EntryId lastOffset(String stream) {
    return offsets.entrySet().stream()
        .filter(offset -> stream.equals(offset.getKey().get("stream")))
        .map(offset -> EntryId.parse(String.valueOf(offset.getValue().get("id"))))
        .max(Comparator.naturalOrder())
        .orElse(EntryId.ZERO);
  }

  /** Stores an offset as an earlier task, or a task of another version, left it. */
  void store(Map<String, ?> partition, Map<String, ?> offset) {
    offsets.put(new HashMap<>(partition), new HashMap<>(offset));
  }

  /** All stored offsets by their partitions. */
  Map<Map<String, ?>, Map<String, Object>> offsets() {
    return offsets;
  }

  /** How often tasks have asked for offsets; a real Connect reads a topic to its end for each. */
  int lookUps() {
    return lookUps;
  }

  /** The topic of dead letters: each as stream and entry id. */
  List<String> deadLetters() {
    return deadLetters;
  }

  /** How many records that are no entry's are in Kafka. */
  int heartbeats() {
    return heartbeats;
  }

  /** How much time passes with each poll, beside what the task waits for. */
  void turnsTake(Duration time) {
    turn = time;
  }

  /** Which records a transform fails on, so that they never reach Kafka. */
  void drop(Predicate<SourceRecord> records) {
    dropped = records;
  }

  /** Lets the tasks started from now on decide when their transactions are committed. */
  void boundariesByConnector(boolean byConnector) {
    definesBoundaries = byConnector && exactlyOnce;
  }

  /** Tells a task of each transaction before it polls or commits again, as Connect does. */
  void tellsAtOnce(boolean atOnce) {
    tellsAtOnce = atOnce;
  }

  /** Fences all tasks and starts new ones, one per task configuration. */
  List<SimulatedTask> start(Map<String, String> connector, int maxTasks) {
    tasks.clear();
    TASKS
        .computeIfAbsent(new Deployment(connector, maxTasks), SimulatedConnect::configs)
        .forEach(config -> tasks.add(new SimulatedTask(config)));
    return List.copyOf(tasks);
  }

  private static List<RedisStreamSourceConfig> configs(Deployment deployment) {
    RedisStreamSourceConnector plugin = new RedisStreamSourceConnector();
    // with a pattern, the listed streams are those that the connector has found
    Map<String, String> connector = new HashMap<>(deployment.connector());
    String pattern = connector.remove(RedisStreamSourceConfig.STREAMS_PATTERN);
    plugin.start(connector);
    return plugin.taskConfigs(deployment.maxTasks()).stream()
        .peek(
            task -> {
              if (pattern != null) {
                task.put(RedisStreamSourceConfig.STREAMS_PATTERN, pattern);
              }
            })
        .map(RedisStreamSourceConfig::new)
        .toList();
  }

  @Override
  public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
    lookUps++;
    return offsets.get(partition);
  }

  @Override
  public <T> Map<Map<String, T>, Map<String, Object>> offsets(
      Collection<Map<String, T>> partitions) {
    lookUps++;
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

  private static final Thread COMMIT_THREAD = new Thread("commit");

  /** In which of its methods a task is, for whoever acts while it waits for Redis. */
  private enum Call {
    NONE,
    POLL,
    OTHER
  }

  /** What a task asks for at the end of a poll; a commit uses it up. */
  private static final class Requests implements TransactionContext {
    private boolean commits;

    private boolean take() {
      boolean taken = commits;
      commits = false;
      return taken;
    }

    @Override
    public void commitTransaction() {
      commits = true;
    }

    @Override
    public void commitTransaction(SourceRecord after) {
      throw new AssertionError("a task commits after a poll, and not after a record");
    }

    @Override
    public void abortTransaction() {
      throw new AssertionError("an aborted transaction still stores its offsets: entries are lost");
    }

    @Override
    public void abortTransaction(SourceRecord after) {
      abortTransaction();
    }
  }

  /** One task with its open transaction. */
  final class SimulatedTask {
    private final RunningSource source;
    private final List<SourceRecord> transaction = new ArrayList<>();
    private final List<SourceRecord> uncommitted = new ArrayList<>();
    private final List<SourceRecord> untold = new ArrayList<>();
    private final Map<Map<String, ?>, Map<String, Object>> unflushed = new HashMap<>();
    private @Nullable ConnectException failure;
    private int polledRecords;
    private Call call = Call.NONE;
    private boolean isStopped;
    private boolean isCalledFor = true;

    /** What undoes the last transaction, each step as often as it was done. */
    private final List<Runnable> undo = new ArrayList<>();

    private final @Nullable Requests requests = definesBoundaries ? new Requests() : null;
    private final Metrics metrics = new Metrics();

    private SimulatedTask(RedisStreamSourceConfig config) {
      this.source =
          new SourceAssembly(
                  config,
                  redis,
                  SimulatedConnect.this,
                  UnpublishedMetrics.task(metrics),
                  clock,
                  requests)
              .source();
    }

    /** How many records Connect has and did not tell of. */
    int inFlight() {
      return transaction.size() + uncommitted.size() + untold.size();
    }

    /** The value of a counter, for all streams of the task. */
    double total(String counter) {
      return metrics.metrics().entrySet().stream()
          .filter(metric -> metric.getKey().name().equals(counter))
          .mapToDouble(metric -> (Double) metric.getValue().metricValue())
          .sum();
    }

    /** How many records it has handed out. */
    int polledRecords() {
      return polledRecords;
    }

    /** Whether a record that it handed out, as stream and id, is not in Kafka yet. */
    boolean hasHandedOut(String record) {
      return transaction.stream()
          .anyMatch(
              sent ->
                  record.equals(
                      sent.sourcePartition().get("stream") + "/" + sent.sourceOffset().get("id")));
    }

    boolean hasFailed() {
      return failure != null;
    }

    /** Whether it is not in the middle of anything. */
    boolean isAtRest() {
      return call == Call.NONE && !isStopped;
    }

    /**
     * Whether records may be committed, and the task be told, now: at any time while it polls,
     * unless that is the task thread's business, as it is with exactly-once support.
     */
    boolean isCommittable() {
      return isAtRest() || (!exactlyOnce && call == Call.POLL && !isStopped);
    }

    /** Why it failed. */
    String failure() {
      return failure == null ? "" : String.valueOf(failure.getMessage());
    }

    /** Reads what there is; false if there was nothing. */
    boolean poll() {
      tellAtOnce();
      if (failure != null) {
        return false;
      }
      call = Call.POLL;
      try {
        List<SourceRecord> polled = source.poll();
        clock.advance(turn);
        if (polled == null) {
          return false;
        }
        transaction.addAll(polled);
        polledRecords += polled.size();
        return !polled.isEmpty();
      } catch (ConnectException e) {
        failure = e;
        return false;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      } finally {
        call = Call.NONE;
      }
    }

    private void during(Runnable action) {
      Call before = call;
      call = Call.OTHER;
      action.run();
      call = before;
    }

    /**
     * Brings records into Kafka, as one step with their offsets if that is supported. Where all
     * were dropped there is no such step, and Connect does not tell of them before the next one.
     * Nothing happens if the task is to ask for it and did not.
     */
    void commit() {
      commit(transaction.size());
    }

    /**
     * Pauses and resumes the connector while only the first records were sent: Connect commits
     * these, if they are to be committed, and sends the others later.
     */
    void pause(int sent) {
      commit(Math.min(sent, transaction.size()));
      tell();
      flush();
    }

    private void tellAtOnce() {
      if (tellsAtOnce && !(untold.isEmpty() && isCalledFor)) {
        tell();
        flush();
      }
    }

    private void commit(int number) {
      tellAtOnce();
      if (exactlyOnce && !tasks.contains(this)) {
        failure = new ConnectException("fenced");
        transaction.clear();
        uncommitted.clear();
        return;
      }
      if (requests != null && !requests.take()) {
        return;
      }
      List<SourceRecord> first = transaction.subList(0, number);
      if (!first.isEmpty()) {
        undo.clear();
      }
      boolean commits = !exactlyOnce || !first.stream().allMatch(dropped);
      for (SourceRecord sent : first) {
        if (dropped.test(sent)) {
          continue;
        }
        Struct value = (Struct) sent.value();
        if (!(sent instanceof EntryRecord own)) {
          heartbeats++;
        } else if (value.schema().field("error_id") != null) {
          add(deadLetters, value.get("error_stream") + "/" + value.get("error_id"));
        } else {
          add(
              committed,
              sent.sourcePartition().get("stream") + "/" + sent.sourceOffset().get("id"));
          StreamEntry entry = own.entry();
          add(contents, new String(entry.value(entry.size() - 1), StandardCharsets.UTF_8));
        }
        store(sent.sourcePartition(), new HashMap<>(sent.sourceOffset()));
      }
      uncommitted.addAll(first);
      first.clear();
      if (commits) {
        untold.addAll(uncommitted);
        uncommitted.clear();
      }
    }

    private void add(List<String> topic, String record) {
      topic.add(record);
      undo.add(() -> topic.remove(topic.lastIndexOf(record)));
    }

    private void store(Map<String, ?> partition, Map<String, Object> offset) {
      Map<Map<String, ?>, Map<String, Object>> at = exactlyOnce ? offsets : unflushed;
      Map<String, Object> before = at.put(partition, offset);
      // the first step that is undone is the last one that was done
      undo.add(
          0,
          () -> {
            if (before == null) {
              at.remove(partition);
            } else {
              at.put(partition, before);
            }
          });
    }

    /**
     * Undoes the last transaction, as a broker does that dies after it has confirmed it: nobody
     * could begin another one since. Not in the middle of what Connect tells the task after it.
     */
    void loseLastTransaction() {
      if (isCalledFor) {
        undo.forEach(Runnable::run);
      }
      undo.clear();
    }

    /** Tells the task what is in Kafka. */
    void tell() {
      List<SourceRecord> told = List.copyOf(untold);
      isCalledFor &= told.isEmpty();
      untold.clear();
      during(
          () ->
              told.forEach(
                  sent -> source.commitRecord(sent, dropped.test(sent) ? null : METADATA)));
    }

    /** Reads, and brings what was read to its end. */
    void turn() {
      poll();
      commit();
      tell();
      flush();
    }

    /**
     * Stores offsets that are not yet, then calls the task, as the task thread does after each
     * transaction with exactly-once support, and Connect's commit thread without.
     */
    void flush() {
      offsets.putAll(unflushed);
      unflushed.clear();
      isCalledFor = true;
      during(() -> source.acknowledge(exactlyOnce ? Thread.currentThread() : COMMIT_THREAD));
    }

    /** Ends as Connect ends a task. What the task did not ask to be committed is aborted. */
    void stop() {
      commit();
      transaction.clear();
      tell();
      flush();
      during(source::close);
      isStopped = true;
    }
  }
}
