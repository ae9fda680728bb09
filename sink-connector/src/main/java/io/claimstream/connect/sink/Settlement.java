/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.error.BadRecords;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Settles the records that were sent by the replies to them. What is wrong is kept until a put asks
 * for it, by which the task may fail: by a commit it must not, which would make Connect hand over
 * again what was taken. Used by the task's thread only.
 */
final class Settlement {
  private final TakenRecords taken;
  private final StreamTemplate stream;
  private final BadRecords badRecords;
  private final SinkMetrics metrics;
  private final Rewinds rewinds;

  /** One outage is one error of a stream, however many records it meets. */
  private final Set<String> interrupted = new HashSet<>();

  private @Nullable RedisOutageException outage;
  private @Nullable ConnectException failure;

  Settlement(
      TakenRecords taken,
      StreamTemplate stream,
      BadRecords badRecords,
      SinkMetrics metrics,
      Rewinds rewinds) {
    this.rewinds = rewinds;
    this.taken = taken;
    this.stream = stream;
    this.badRecords = badRecords;
    this.metrics = metrics;
  }

  /** Waits for the replies to what is on its way, if anything is. */
  void receive(DeliveryStrategy delivery) {
    List<StreamAppend> settled = new ArrayList<>(taken.appends().size());
    List<BadRecord> refused = new ArrayList<>();
    try {
      delivery.receive(
          outcome -> {
            if (outcome.isDone() || isRefused(outcome, refused)) {
              settled.add(outcome.append());
            }
          });
    } catch (ConnectException e) {
      fail(e);
    }
    interrupted.forEach(target -> metrics.of(target).errors(RedisErrorKind.OUTAGE).add(1));
    interrupted.clear();
    taken.settled(settled);
    taken.take(List.of(), refused);
    taken.forget(rewinds.requested());
  }

  /** Whether Redis refuses this record alone, and the others may go on without it. */
  private boolean isRefused(WriteOutcome outcome, List<BadRecord> refused) {
    StreamAppend append = outcome.append();
    ConnectException cause = outcome.cause();
    if (cause instanceof RedisOutageException e) {
      interrupted.add(append.stream());
      outage = e;
      return false;
    }
    if (cause instanceof DataException e) {
      BadRecord bad = BadRecord.of(append.record(), append.stream(), e);
      metrics.of(bad.stream()).errors(RedisErrorKind.RECORD).add(1);
      if (!badRecords.tolerant()) {
        fail(bad.error());
        return false;
      }
      refused.add(bad);
      return true;
    }
    metrics.of(append.stream()).errors(RedisErrorKind.OPERATOR).add(1);
    fail(
        new ConnectException(
            "cannot append to stream "
                + append.stream()
                + " (redis.stream="
                + stream.text()
                + "): "
                + (cause == null ? "" : cause.getMessage()),
            cause));
    return false;
  }

  private void fail(ConnectException e) {
    failure = failure == null ? e : failure;
  }

  /**
   * The last outage that was met since this was asked, or null.
   *
   * @throws ConnectException the first failure that must stop the task
   */
  @Nullable RedisOutageException takeOutage() {
    ConnectException fatal = takeFailure();
    if (fatal != null) {
      throw fatal;
    }
    RedisOutageException met = outage;
    outage = null;
    return met;
  }

  /** Whether an outage was met that {@link #takeOutage} has not returned yet. */
  boolean hasOutage() {
    return outage != null;
  }

  /** What nobody was told of yet, or null. */
  @Nullable ConnectException takeFailure() {
    ConnectException first = failure;
    failure = null;
    return first;
  }
}
