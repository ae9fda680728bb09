/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.deliver.ScriptCalls.Call;
import io.claimstream.connect.sink.write.OutcomeHandler;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamAppend;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Decides which records of a stream are sent next, and in which script calls. */
final class CallPlanner {
  /**
   * Maximum calls in flight. Redis serves no other client while the script runs, and processes one
   * call while the next is in flight.
   */
  private static final int CALLS = 5;

  private static final int CALL_ENTRIES = 100;
  private static final long CALL_BYTES = 1 << 17;
  private static final WriteLimit ALONE = new WriteLimit(1, CALL_BYTES);

  private static final long NONE = -1;

  private final OffsetTracker tracker;
  private final WriteLimit roundLimit;
  private final WriteLimit callLimit;

  /** Offsets up to which each record is sent in a call of its own. */
  private final Map<TopicPartition, Long> alone = new HashMap<>();

  /**
   * Creates a planner.
   *
   * @param limit the maximum in flight: entries per partition, bytes per stream
   */
  CallPlanner(OffsetTracker tracker, WriteLimit limit) {
    this.tracker = tracker;
    this.roundLimit = limit;
    this.callLimit =
        new WriteLimit(Math.min(CALL_ENTRIES, Math.max(1, limit.entries() / CALLS)), CALL_BYTES);
  }

  /**
   * The plan for a stream's appends.
   *
   * @param calls the calls to send, in order
   * @param covered the appends that need no call because the stored offsets cover them
   * @param recreated the records that would be skipped although they cannot be in the stream
   */
  record Plan(List<Call> calls, List<Covered> covered, List<RecordOrigin> recreated) {

    /** Reports the outcomes of the appends that need no call. */
    void report(OutcomeHandler outcomes) {
      covered.forEach(each -> each.appends().forEach(outcomes::written));
    }
  }

  /**
   * Appends of a partition that the stored offset covers.
   *
   * @param isAll whether the partition has no other appends
   */
  record Covered(List<StreamAppend> appends, boolean isAll) {}

  /** Plans the first appends of each partition. */
  Plan plan(Collection<List<StreamAppend>> partitions) {
    Plan plan = new Plan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    WriteLimit limit = roundLimit;
    for (List<StreamAppend> appends : partitions) {
      List<StreamAppend> rest = withoutCovered(appends, plan);
      if (!rest.isEmpty() && limit.hasRoom()) {
        List<StreamAppend> round = limit.first(rest);
        limit = limit.beside(round);
        addCalls(round, plan.calls);
      }
    }
    return plan;
  }

  /** Removes the covered appends, which are in the stream or need no entry. */
  private List<StreamAppend> withoutCovered(List<StreamAppend> appends, Plan plan) {
    int size = 0;
    while (size < appends.size() && tracker.covers(appends.get(size).origin())) {
      if (tracker.isOfAnotherTopic(appends.get(size))) {
        plan.recreated.add(appends.get(size).origin());
        return List.of();
      }
      size++;
    }
    if (size > 0) {
      plan.covered.add(new Covered(appends.subList(0, size), size == appends.size()));
    }
    return appends.subList(size, appends.size());
  }

  /**
   * Adds calls. Each expects the offset that the previous call stores; the first expects the last
   * acknowledged one.
   */
  private void addCalls(List<StreamAppend> round, List<Call> calls) {
    TopicPartition partition = round.get(0).origin().partition();
    Optional<StoredOffset> expected = tracker.last(partition);
    List<StreamAppend> rest = round;
    while (!rest.isEmpty()) {
      List<StreamAppend> appends = limitAt(rest.get(0).origin()).first(rest);
      StoredOffset next =
          tracker.after(partition, appends.get(appends.size() - 1).origin().offset());
      calls.add(new Call(partition, expected, next, appends));
      expected = Optional.of(next);
      rest = rest.subList(appends.size(), rest.size());
    }
  }

  private WriteLimit limitAt(RecordOrigin first) {
    return first.offset() <= alone.getOrDefault(first.partition(), NONE) ? ALONE : callLimit;
  }

  /** Sends each record of a call in a call of its own from now on. */
  void separate(Call call) {
    List<StreamAppend> appends = call.appends();
    alone.put(call.partition(), appends.get(appends.size() - 1).origin().offset());
  }

  void end(Collection<TopicPartition> partitions) {
    alone.keySet().removeAll(partitions);
  }
}
