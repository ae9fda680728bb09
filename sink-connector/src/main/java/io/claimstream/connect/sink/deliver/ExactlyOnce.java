/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.redis.deadletter.ThrottledCount;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.ScriptCalls.Answer;
import io.claimstream.connect.sink.deliver.ScriptCalls.Call;
import io.claimstream.connect.sink.deliver.ScriptCalls.Result;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.metrics.StreamMetrics.Count;
import io.claimstream.connect.sink.write.InFlight;
import io.claimstream.connect.sink.write.OutcomeHandler;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
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

  private final RecordScript script;
  private final StreamConnections connections;
  private final SinkStreams streams;
  private final Retention retention;
  private final SinkMetrics metrics;
  private final OffsetTracker tracker;
  private final OffsetErrors errors;
  private final OffsetStore store;
  private final CallPlanner planner;
  private final Durability durability;
  private final ThrottledCount held;
  private final FormerOffsets formerOffsets;
  private boolean hasSearched;

  /**
   * Creates a strategy that writes over those connections.
   *
   * @param script writes the records
   * @param limit the maximum in flight: entries per partition, bytes per stream
   * @param durability where writes must be before their offsets are committed
   * @param rewinds receives the partitions to read from Kafka again
   */
  public ExactlyOnce(
      RecordScript script,
      StreamConnections connections,
      SinkStreams streams,
      WriteLimit limit,
      Retention retention,
      Durability durability,
      SinkMetrics metrics,
      Rewinds rewinds,
      TaskClock clock) {
    this.script = script;
    this.connections = connections;
    this.streams = streams;
    this.retention = retention;
    this.metrics = metrics;
    this.tracker = new OffsetTracker(streams, durability, rewinds, metrics, clock);
    this.errors = new OffsetErrors(streams, tracker);
    this.store = new OffsetStore(script, connections, streams);
    this.planner = new CallPlanner(tracker, limit);
    this.durability = durability;
    this.held = new ThrottledCount(clock.steady());
    this.formerOffsets = new FormerOffsets(connections, streams);
  }

  /**
   * Compares each partition's stored offset with the consumer's position. If none is stored, the
   * position is stored, so that a missing offset later means that Redis was emptied.
   */
  @Override
  public void begin(Map<TopicPartition, Long> positions) {
    Map<TopicPartition, StoredOffset> stored = store.read(positions.keySet());
    List<Call> calls = new ArrayList<>();
    Set<TopicPartition> gone = new HashSet<>();
    positions.forEach(
        (partition, position) -> {
          if (!stored.containsKey(partition) && tracker.hasHad(partition)) {
            gone.add(partition);
          } else if (!stored.containsKey(partition)) {
            calls.add(tracker.baseline(partition, position));
          }
        });
    throwIfAny(gone);
    if (!hasSearched && calls.size() == positions.size()) {
      formerOffsets.report(positions.keySet());
    }
    hasSearched = true;
    for (Result result : store.write(calls)) {
      if (result.failure() != null) {
        throw result.failure();
      }
      result.stored().ifPresent(offset -> stored.put(result.call().partition(), offset));
    }
    if (!calls.isEmpty()) {
      LOG.info(
          "No stored offsets for {}: starting at Kafka's committed offsets",
          calls.stream().map(call -> call.partition() + "@" + call.next().next()).toList());
    }
    positions.forEach(
        (partition, position) -> {
          StoredOffset now = stored.get(partition);
          if (now == null) {
            throw new RedisOutageException(
                "the offset of " + partition + " could not be stored", null);
          }
          tracker.begin(partition, now, position);
        });
  }

  private void throwIfAny(Set<TopicPartition> gone) {
    if (!gone.isEmpty()) {
      throw errors.gone(gone);
    }
  }

  @Override
  public boolean accept(RecordOrigin first) {
    if (tracker.hasMovedBack(first)) {
      throw errors.movedBack(first);
    }
    return tracker.accept(first);
  }

  @Override
  public void took(RecordOrigin last, long newest) {
    tracker.reach(last.partition(), last.offset() + 1, newest);
  }

  @Override
  public void check() {
    Set<TopicPartition> partitions = tracker.partitions();
    Map<TopicPartition, StoredOffset> stored = store.read(partitions);
    Set<TopicPartition> gone = new HashSet<>();
    for (TopicPartition partition : partitions) {
      if (!tracker.found(partition, Optional.ofNullable(stored.get(partition)))) {
        gone.add(partition);
      }
    }
    throwIfAny(gone);
  }

  @Override
  public void send(List<StreamAppend> appends, Consumer<InFlight> sent) {
    Map<String, Map<TopicPartition, List<StreamAppend>>> byStream = new LinkedHashMap<>();
    for (StreamAppend append : appends) {
      byStream
          .computeIfAbsent(append.stream(), stream -> new LinkedHashMap<>())
          .computeIfAbsent(append.origin().partition(), partition -> new ArrayList<>())
          .add(append);
    }
    List<RecordOrigin> recreated = new ArrayList<>();
    byStream.forEach(
        (stream, partitions) -> {
          CallPlanner.Plan plan = planner.plan(partitions.values());
          recreated.addAll(plan.recreated());
          plan.covered().forEach(covered -> reportSkipped(stream, covered));
          sent.accept(plan::report);
          if (!plan.calls().isEmpty()) {
            sent.accept(send(stream, plan.calls()));
          }
        });
    if (!recreated.isEmpty()) {
      sent.accept(
          outcomes -> {
            throw errors.recreated(recreated);
          });
    }
  }

  private void reportSkipped(String stream, CallPlanner.Covered covered) {
    List<StreamAppend> appends = covered.appends();
    metrics.of(stream).add(Count.SKIPPED, appends.size());
    if (covered.isAll()) {
      RecordOrigin first = appends.get(0).origin();
      long last = appends.get(appends.size() - 1).origin().offset();
      tracker.skipped(first.partition(), first.offset(), last);
    }
  }

  private InFlight send(String stream, List<Call> calls) {
    ScriptCalls sent =
        ScriptCalls.send(
            script, connections, stream, streams.offsets(stream), calls, retention.trims(stream));
    List<StreamAppend> last = calls.get(calls.size() - 1).appends();
    Long newest = last.get(last.size() - 1).record().timestamp();
    return outcomes -> {
      long begin = System.nanoTime();
      List<Result> results = sent.receiveAll();
      metrics.of(stream).wrote(sent.sending().plusNanos(System.nanoTime() - begin), newest);
      settle(stream, results, outcomes);
      if (results.stream().allMatch(result -> result.failure() == null)) {
        retention.check(stream, sent.repliesAfter());
      }
    };
  }

  private void settle(String stream, List<Result> results, OutcomeHandler outcomes) {
    Set<TopicPartition> gone = new HashSet<>();
    for (Result result : results) {
      if (isRefused(result)) {
        refuse(result, outcomes);
        connections.giveUp(stream);
        return;
      }
      if (!settle(stream, result, outcomes)) {
        gone.add(result.call().partition());
      }
    }
    if (results.stream().anyMatch(result -> result.failure() instanceof RedisOutageException)) {
      connections.giveUp(stream);
    }
    throwIfAny(gone);
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
  private void refuse(Result result, OutcomeHandler outcomes) {
    List<StreamAppend> appends = result.call().appends();
    if (appends.size() == 1 && result.failure() != null) {
      outcomes.failed(appends.get(0), result.failure());
    } else {
      planner.separate(result.call());
    }
  }

  /**
   * Settles one call. A call after a stopped one finds the offset that the stopped one left.
   *
   * @return false if no offset is stored any more, so that the task must stop
   */
  private boolean settle(String stream, Result result, OutcomeHandler outcomes) {
    TopicPartition partition = result.call().partition();
    if (result.answer() == Answer.OTHER) {
      // the next send skips entries that another task has appended
      return tracker.found(partition, result.stored());
    }
    List<StreamAppend> appends = result.call().appends();
    appends.subList(0, result.appended()).forEach(outcomes::written);
    metrics.of(stream).written(appends.subList(0, result.appended()));
    result.stored().ifPresent(stored -> tracker.acknowledge(partition, stored));
    if (result.failure() != null) {
      outcomes.failed(appends.get(result.appended()), result.failure());
    }
    return true;
  }

  /**
   * Stores the offset that Connect is about to commit if it is beyond the last appended record: the
   * records in between were dropped by a transform, have no value, or were dead-lettered. A stored
   * offset below the committed one therefore always means that Redis lost it. What is not as
   * durable as required is not committed.
   */
  @Override
  public Map<TopicPartition, Long> commit(Map<TopicPartition, Long> settled, boolean isAvailable) {
    settled.forEach(tracker::passed);
    List<Call> calls = new ArrayList<>();
    if (isAvailable) {
      settled.forEach(
          (partition, next) ->
              tracker
                  .progress(partition, next)
                  .or(() -> tracker.again(partition))
                  .ifPresent(calls::add));
    }
    Map<String, String> late = new HashMap<>();
    for (Result result : store.write(calls, durability, late::put)) {
      TopicPartition partition = result.call().partition();
      // the next put finds the same failure and stops the task
      if (result.stored().isPresent()) {
        tracker.found(partition, result.stored());
        if (result.answer() == Answer.EXPECTED && !late.containsKey(streams.of(partition))) {
          tracker.isDurable(partition);
        }
      }
    }
    late.forEach(this::reportHeld);
    Map<TopicPartition, Long> safe = new HashMap<>();
    settled.forEach(
        (partition, next) ->
            tracker.commit(partition, next).ifPresent(offset -> safe.put(partition, offset)));
    return safe;
  }

  private void reportHeld(String stream, String missing) {
    metrics.of(stream).add(Count.HELD, 1);
    held.add()
        .ifPresent(
            count ->
                LOG.warn(
                    "Not all offsets of what was written to {} are committed: {}. {} holds them back"
                        + " until the writes are there; writing goes on. {} times since the last"
                        + " report",
                    streams.destination().describe(stream),
                    missing,
                    durability.setting(),
                    count));
  }

  @Override
  public void end(Collection<TopicPartition> partitions) {
    tracker.end(partitions);
    planner.end(partitions);
  }
}
