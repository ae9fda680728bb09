/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.error.RedisErrorKind;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.error.BadRecord;
import io.claimstream.connect.sink.error.BadRecords;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.Destination;
import io.claimstream.connect.sink.write.InFlight;
import io.claimstream.connect.sink.write.OutcomeHandler;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Receives the replies to the appends in flight and settles the records by them. A failure is kept
 * until the next put, which may fail the task. A commit must not fail because of it, since Connect
 * would then redeliver accepted records. Used by the task's thread only.
 */
final class ReplyHandler implements OutcomeHandler {
  private final PendingRecords pending;
  private final StreamConnections connections;
  private final Destination destination;
  private final BadRecords badRecords;
  private final SinkMetrics metrics;
  private final Rewinds rewinds;
  private final List<InFlight> inFlight = new ArrayList<>();

  /** Appends that the replies received now have settled. */
  private final List<StreamAppend> settled = new ArrayList<>();

  /**
   * Streams for which no reply arrived: one outage counts once, however many records it affects.
   */
  private final Set<String> interrupted = new HashSet<>();

  private @Nullable RedisOutageException outage;
  private @Nullable ConnectException failure;

  ReplyHandler(
      PendingRecords pending,
      StreamConnections connections,
      Destination destination,
      BadRecords badRecords,
      SinkMetrics metrics,
      Rewinds rewinds) {
    this.pending = pending;
    this.connections = connections;
    this.destination = destination;
    this.badRecords = badRecords;
    this.metrics = metrics;
    this.rewinds = rewinds;
  }

  /** Adds appends whose replies {@link #receive} waits for. */
  void expect(InFlight appends) {
    inFlight.add(appends);
  }

  /**
   * Waits for the replies to the appends in flight, if there are any. Receives everything, so that
   * no connection is left with unread replies. Nothing is in flight afterwards.
   */
  void receive() {
    ConnectException first = null;
    for (InFlight appends : inFlight) {
      try {
        appends.receive(this);
      } catch (ConnectException e) {
        first = first == null ? e : first;
      } catch (RuntimeException | Error e) {
        // Connect continues after an exception in a commit, and no later command may get these
        // replies
        first = first == null ? new ConnectException("cannot read Redis' replies", e) : first;
      }
    }
    if (!inFlight.isEmpty()) {
      connections.endRound();
      inFlight.clear();
    }
    if (first != null) {
      fail(first);
    }
    interrupted.forEach(target -> metrics.of(target).error(RedisErrorKind.OUTAGE));
    interrupted.clear();
    pending.settled(settled);
    settled.clear();
    pending.forget(rewinds.requested());
  }

  @Override
  public void written(StreamAppend append) {
    settled.add(append);
  }

  @Override
  public void rejected(StreamAppend append, DataException cause) {
    BadRecord bad = BadRecord.of(append.record(), destination, append.stream(), cause);
    metrics.of(bad.stream()).error(RedisErrorKind.RECORD);
    if (badRecords.tolerant()) {
      settled.add(append);
      pending.take(List.of(), List.of(bad));
    } else {
      fail(bad.error());
    }
  }

  @Override
  public void unavailable(StreamAppend append, RedisOutageException cause) {
    interrupted.add(append.stream());
    outage = cause;
  }

  @Override
  public void fatal(StreamAppend append, ConnectException cause) {
    metrics.of(append.stream()).error(RedisErrorKind.CONFIGURATION);
    fail(
        new ConnectException(
            "cannot write to "
                + destination.describe(append.stream())
                + " ("
                + destination.setting()
                + "="
                + destination.text()
                + "): "
                + cause.getMessage(),
            cause));
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
