/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static java.util.Objects.requireNonNull;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.Received;
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
import org.jspecify.annotations.Nullable;

/**
 * Settles sent records by Redis' replies. A failure is kept until the next put, which may fail the
 * task. A commit must not fail because of it, since Connect would then redeliver accepted records.
 * Used by the task's thread only.
 */
final class ReplyHandler {
  private final PendingRecords taken;
  private final StreamTemplate stream;
  private final BadRecords badRecords;
  private final SinkMetrics metrics;
  private final Rewinds rewinds;

  private @Nullable RedisOutageException outage;
  private @Nullable ConnectException failure;

  ReplyHandler(
      PendingRecords taken,
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

  /** Waits for the replies to the appends in flight, if there are any. */
  void receive(DeliveryStrategy delivery) {
    Received received = delivery.receive();
    List<StreamAppend> settled = new ArrayList<>(received.outcomes().size());
    List<BadRecord> rejected = new ArrayList<>();
    // one outage counts as one error of a stream, however many records it affects
    Set<String> interrupted = new HashSet<>();
    for (WriteOutcome outcome : received.outcomes()) {
      StreamAppend append = outcome.append();
      switch (outcome.kind()) {
        case WRITTEN -> settled.add(append);
        case REJECTED -> {
          BadRecord bad = BadRecord.of(append.record(), append.stream(), causeOf(outcome));
          metrics.of(bad.stream()).errors(RedisErrorKind.RECORD).add(1);
          if (badRecords.tolerant()) {
            settled.add(append);
            rejected.add(bad);
          } else {
            fail(bad.error());
          }
        }
        case UNAVAILABLE -> {
          interrupted.add(append.stream());
          outage = outcome.cause() instanceof RedisOutageException e ? e : outage;
        }
        case FATAL -> {
          metrics.of(append.stream()).errors(RedisErrorKind.CONFIGURATION).add(1);
          fail(cannotAppend(append.stream(), causeOf(outcome)));
        }
      }
    }
    if (received.failure() != null) {
      fail(received.failure());
    }
    interrupted.forEach(target -> metrics.of(target).errors(RedisErrorKind.OUTAGE).add(1));
    taken.settled(settled);
    taken.take(List.of(), rejected);
    taken.forget(rewinds.requested());
  }

  private static ConnectException causeOf(WriteOutcome outcome) {
    return requireNonNull(outcome.cause(), "a failed append has a cause");
  }

  private ConnectException cannotAppend(String target, ConnectException cause) {
    return new ConnectException(
        "cannot append to stream "
            + target
            + " (redis.stream="
            + stream.text()
            + "): "
            + cause.getMessage(),
        cause);
  }

  private void fail(ConnectException e) {
    failure = failure == null ? e : failure;
  }

  /**
   * Returns the last outage since the previous call, or null.
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

  /** Returns whether there is an outage that {@link #takeOutage} has not returned yet. */
  boolean hasOutage() {
    return outage != null;
  }

  /** Returns a failure that has not been reported yet, or null. */
  @Nullable ConnectException takeFailure() {
    ConnectException first = failure;
    failure = null;
    return first;
  }
}
