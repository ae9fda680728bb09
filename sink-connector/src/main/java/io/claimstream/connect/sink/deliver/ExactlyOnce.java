/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.AppendScript.Answer;
import io.claimstream.connect.sink.deliver.AppendScript.Call;
import io.claimstream.connect.sink.deliver.AppendScript.Result;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.Retention;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exactly-once delivery by a script that appends records and, in the same atomic step, stores the
 * offset of the topic-partition's last record. The script is a compare-and-set: each call names the
 * stored offset that it follows, and does nothing if another one is stored. A repeated batch, a
 * crash, a rebalance, a fenced task and a Redis that lost acknowledged writes therefore all leave
 * one entry per record. {@link OffsetTracker} interprets each of these cases.
 *
 * <p>The script stops at a record that it cannot append. Later records of its topic-partition are
 * not tried until that record is dead-lettered, because the stored offset would cover it.
 */
public final class ExactlyOnce implements DeliveryStrategy {
  private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnce.class);

  private final StreamConnections connections;
  private final Retention retention;
  private final OffsetTracker tracker;
  private final OffsetStore store;
  private final CallPlanner planner;
  private final SinkMetrics metrics;
  private final Rewinds rewinds;
  private final Receipts receipts;

  /**
   * Creates a strategy that appends over those connections.
   *
   * @param connector the connector's name, under which offsets are stored
   * @param streamOf maps a topic to its stream
   * @param limit the maximum in flight: entries per partition, bytes per stream
   * @param rewinds receives the partitions to read from Kafka again
   */
  public ExactlyOnce(
      StreamConnections connections,
      Retention retention,
      String connector,
      UnaryOperator<String> streamOf,
      WriteLimit limit,
      SinkMetrics metrics,
      Rewinds rewinds,
      TaskClock clock) {
    this.connections = connections;
    this.retention = retention;
    this.tracker = new OffsetTracker(connector, streamOf, rewinds, metrics, clock);
    this.store = new OffsetStore(connections, connector, streamOf);
    this.planner = new CallPlanner(tracker, limit);
    this.metrics = metrics;
    this.rewinds = rewinds;
    this.receipts = new Receipts(connections);
  }

  /**
   * Compares each partition's stored offset with the consumer's position. If none is stored, the
   * position is stored, so that a missing offset later means that Redis was emptied.
   */
  @Override
  public void begin(Map<TopicPartition, Long> positions) {
    Map<TopicPartition, Optional<StoredOffset>> stored = store.read(positions.keySet());
    Map<TopicPartition, Call> calls = new LinkedHashMap<>();
    Set<TopicPartition> gone = new HashSet<>();
    positions.forEach(
        (partition, position) -> {
          if (stored.getOrDefault(partition, Optional.empty()).isEmpty()) {
            if (tracker.hasHad(partition)) {
              gone.add(partition);
            } else {
              StoredOffset next = tracker.baseline(position);
              calls.put(partition, new Call(partition, Optional.empty(), next, List.of()));
            }
          }
        });
    if (!gone.isEmpty()) {
      throw tracker.gone(gone);
    }
    store
        .write(calls)
        .forEach(
            (partition, result) -> {
              if (result.failure() != null) {
                throw result.failure();
              }
              stored.put(partition, result.stored());
            });
    if (!calls.isEmpty()) {
      LOG.info(
          "No stored offsets for {}: starting at Kafka's committed offsets",
          calls.values().stream()
              .map(call -> call.partition() + "@" + call.next().next())
              .toList());
    }
    positions.forEach(
        (partition, position) -> {
          StoredOffset now =
              stored
                  .getOrDefault(partition, Optional.empty())
                  .orElseThrow(
                      () ->
                          new RedisOutageException(
                              "the offset of " + partition + " could not be stored", null));
          tracker.begin(partition, now, position);
        });
  }

  @Override
  public boolean accept(RecordOrigin first) {
    return tracker.accept(first);
  }

  @Override
  public void took(RecordOrigin last, long newest) {
    tracker.took(last, newest);
  }

  @Override
  public void check() {
    Set<TopicPartition> gone = new HashSet<>();
    store
        .read(tracker.partitions())
        .forEach(
            (partition, stored) -> {
              if (!tracker.found(partition, stored)) {
                gone.add(partition);
              }
            });
    if (!gone.isEmpty()) {
      throw tracker.gone(gone);
    }
  }

  @Override
  public void send(List<StreamAppend> appends) {
    Map<String, Map<TopicPartition, List<StreamAppend>>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream
          .computeIfAbsent(append.stream(), stream -> new LinkedHashMap<>())
          .computeIfAbsent(append.origin().partition(), partition -> new ArrayList<>())
          .add(append);
    }
    List<RecordOrigin> recreated = new ArrayList<>();
    connections.beginRound();
    byStream.forEach((stream, parts) -> send(stream, parts.values(), recreated));
    if (!recreated.isEmpty()) {
      receipts.expect(
          outcomes -> {
            throw recreated(recreated);
          });
    }
  }

  private void send(
      String stream, Collection<List<StreamAppend>> partitions, List<RecordOrigin> recreated) {
    CallPlanner.Plan plan = planner.plan(partitions);
    recreated.addAll(plan.recreated());
    plan.covered().forEach(this::reportSkipped);
    if (!plan.outcomes().isEmpty()) {
      receipts.expect(outcomes -> outcomes.addAll(plan.outcomes()));
    }
    List<Call> calls = plan.calls();
    if (!calls.isEmpty()) {
      AppendScript script =
          AppendScript.send(
              connections, stream, tracker.storedOffsets(stream), calls, retention.trims(stream));
      receipts.expect(outcomes -> receive(stream, calls, script, outcomes));
    }
  }

  private void reportSkipped(CallPlanner.Covered covered) {
    List<StreamAppend> appends = covered.appends();
    RecordOrigin first = appends.get(0).origin();
    metrics.of(appends.get(0).stream()).skipped().add(appends.size());
    if (covered.isAll()) {
      long last = appends.get(appends.size() - 1).origin().offset();
      tracker.skipped(first.partition(), first.offset(), last);
    }
  }

  private ConnectException recreated(List<RecordOrigin> firsts) {
    String records = firsts.stream().map(this::describeRecreated).collect(Collectors.joining("; "));
    String ways =
        firsts.stream()
            .map(first -> first.partition().topic())
            .distinct()
            .map(tracker::remedies)
            .collect(Collectors.joining(". "));
    return new RedisConfigurationException(
        "Kafka no longer has the committed offset and delivers records that are newer than all"
            + " appended ones, but the stored offsets cover their offsets: the topic was recreated,"
            + " or its offsets were reset and a transform changes the timestamps. "
            + records
            + ". "
            + ways,
        null);
  }

  private String describeRecreated(RecordOrigin first) {
    StoredOffset known = tracker.acknowledged(first.partition());
    return "record "
        + first
        + ", while "
        + tracker.storedOffsets(tracker.stream(first.partition())).describe(first.partition())
        + " is at "
        + (known == null ? "none" : known.offset());
  }

  @Override
  public Received receive() {
    return receipts.receive();
  }

  private void receive(
      String stream, List<Call> calls, AppendScript script, List<WriteOutcome> outcomes) {
    long begin = System.nanoTime();
    List<Result> results = script.receiveAll();
    List<StreamAppend> last = calls.get(calls.size() - 1).appends();
    metrics
        .of(stream)
        .wrote(
            script.sending().plusNanos(System.nanoTime() - begin),
            last.get(last.size() - 1).record().timestamp());
    Set<TopicPartition> gone = new HashSet<>();
    for (int i = 0; i < calls.size(); i++) {
      if (isRefused(results.get(i))) {
        refuse(stream, calls.get(i), results.get(i), outcomes);
        return;
      }
      settle(calls.get(i), results.get(i), gone, outcomes);
    }
    if (results.stream().anyMatch(result -> result.failure() instanceof RedisOutageException)) {
      connections.giveUp(stream);
    }
    if (!gone.isEmpty()) {
      throw tracker.gone(gone);
    }
    if (results.stream().allMatch(result -> result.failure() == null)) {
      retention.check(stream, script.repliesAfter());
    }
  }

  /** Returns whether Redis refused to read a call because of one of its records. */
  private static boolean isRefused(Result result) {
    return result.answer() == Answer.NONE && result.failure() instanceof DataException;
  }

  /**
   * Handles a refused call. Redis closes a connection that carries a value above {@code
   * proto-max-bulk-len}, and executes nothing after it. If the call has several records, each is
   * sent in a call of its own next, to find the one that is too large.
   */
  private void refuse(String stream, Call call, Result result, List<WriteOutcome> outcomes) {
    List<StreamAppend> appends = call.appends();
    ConnectException failure = result.failure();
    if (appends.size() == 1 && failure != null) {
      outcomes.add(WriteOutcome.failed(appends.get(0), failure));
    } else {
      planner.separate(call);
    }
    connections.giveUp(stream);
  }

  /** Settles one call. A call after a stopped one finds the offset that the stopped one left. */
  private void settle(
      Call call, Result result, Set<TopicPartition> gone, List<WriteOutcome> outcomes) {
    List<StreamAppend> appends = call.appends();
    if (result.answer() == Answer.OTHER) {
      // the next send skips entries that another task has appended
      if (!tracker.found(call.partition(), result.stored())) {
        gone.add(call.partition());
      }
      return;
    }
    appends
        .subList(0, result.appended())
        .forEach(append -> outcomes.add(WriteOutcome.written(append)));
    metrics.of(appends.get(0).stream()).written().add(result.appended());
    result.stored().ifPresent(stored -> tracker.acknowledge(call.partition(), stored));
    if (result.failure() != null) {
      outcomes.add(WriteOutcome.failed(appends.get(result.appended()), result.failure()));
    }
  }

  /**
   * Stores the offset that Connect is about to commit if it is beyond the last appended record: the
   * records in between were dropped by a transform, have no value, or were dead-lettered. A stored
   * offset below the committed one therefore always means that Redis lost it.
   */
  @Override
  public Map<TopicPartition, Long> commit(Map<TopicPartition, Long> settled, boolean isAvailable) {
    settled.forEach(tracker::passed);
    Map<TopicPartition, Call> calls = new LinkedHashMap<>();
    if (isAvailable) {
      settled.forEach(
          (partition, next) -> {
            StoredOffset known = tracker.acknowledged(partition);
            if (known != null
                && known.next() < next
                && !tracker.isUnsure(partition, next)
                && !rewinds.isUnderWay(partition)) {
              StoredOffset later = tracker.after(partition, next - 1);
              calls.put(partition, new Call(partition, Optional.of(known), later, List.of()));
            }
          });
    }
    if (!calls.isEmpty()) {
      store
          .write(calls)
          .forEach(
              (partition, result) -> {
                // the next put finds the same failure and stops the task
                if (result.stored().isPresent()) {
                  tracker.found(partition, result.stored());
                }
              });
    }
    Map<TopicPartition, Long> safe = new HashMap<>();
    settled.forEach(
        (partition, next) -> {
          StoredOffset known = tracker.acknowledged(partition);
          if (known != null && !tracker.isUnsure(partition, next)) {
            safe.put(partition, Math.min(next, known.next()));
          }
        });
    safe.forEach(tracker::commit);
    return safe;
  }

  @Override
  public void end(Collection<TopicPartition> partitions) {
    tracker.end(partitions);
    planner.end(partitions);
  }
}
