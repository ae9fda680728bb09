/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.error;

import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import io.claimstream.connect.redis.deadletter.FailedStream;
import io.claimstream.connect.redis.error.ErrorSettings;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.write.RecordOrigin;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Handles records that cannot be written, by {@code errors.tolerance}. Each dead-lettered record
 * gets an entry in a Redis stream with its location in Kafka and the reason. The record itself
 * stays in its topic, and goes to Connect's dead letter queue if that is on. Used by the task's
 * thread only.
 */
public final class BadRecords {
  private final String connector;
  private final ErrorSettings settings;
  private final FailedStream failed;
  private final @Nullable ErrantRecordReporter reporter;
  private final StreamConnections connections;
  private final TaskClock clock;
  private final DeadLetterLog log;
  private final List<Future<Void>> reports = new ArrayList<>();

  /**
   * Creates a handler that reports to Connect and to the stream for failures.
   *
   * @param failed the stream for failures; no entries are appended if it is off
   * @param reporter Connect's dead letter queue and log; null if both are off
   */
  public BadRecords(
      String connector,
      ErrorSettings settings,
      FailedStream failed,
      @Nullable ErrantRecordReporter reporter,
      StreamConnections connections,
      TaskClock clock) {
    this.connector = connector;
    this.settings = settings;
    this.failed = failed;
    this.reporter = reporter;
    this.connections = connections;
    this.clock = clock;
    this.log =
        new DeadLetterLog(LoggerFactory.getLogger(BadRecords.class), settings, clock.steady());
  }

  /** Returns whether the records after a bad one are written. */
  public boolean tolerant() {
    return settings.tolerated();
  }

  /**
   * Dead-letters the record.
   *
   * @throws DataException the record's error, unless errors are tolerated
   * @throws org.apache.kafka.connect.errors.RetriableException if Redis cannot store the dead
   *     letter now; nothing was reported then
   */
  public void deadLetter(BadRecord bad) {
    if (!tolerant()) {
      throw bad.error();
    }
    if (!failed.isOff()) {
      append(bad);
    }
    if (reporter != null) {
      reports.add(reporter.report(bad.record(), bad.error()));
    }
    // Connect's reporter logs the contents if it is configured to
    log.note(
        "record " + bad.origin() + " for '" + bad.stream() + "': " + reason(bad).getMessage(),
        () -> "");
  }

  private void append(BadRecord bad) {
    RecordOrigin origin = bad.origin();
    List<Object> fields =
        List.of(
            "error_stage", "sink",
            "error_connector", connector,
            "error_topic", origin.partition().topic(),
            "error_partition", origin.partition().partition(),
            "error_offset", origin.offset(),
            "error_stream", bad.stream(),
            "error_class", reason(bad).getClass().getName(),
            "error_message", String.valueOf(reason(bad).getMessage()),
            "error_time", clock.instant());
    try {
      connections.to(failed.name()).call(failed.append().addAll(fields));
    } catch (RedisOutageException e) {
      connections.drop(failed.name());
      throw e;
    }
  }

  /** Returns the reason without the advice, which the user has followed. */
  private static Throwable reason(BadRecord bad) {
    Throwable cause = bad.error().getCause();
    return cause == null ? bad.error() : cause;
  }

  /**
   * Waits until Connect's dead letter queue contains every dead letter.
   *
   * @throws ConnectException if the queue does not accept one
   */
  public void awaitReports() {
    try {
      for (Future<Void> report : reports) {
        report.get();
      }
      reports.clear();
    } catch (ExecutionException e) {
      throw new ConnectException(
          "cannot write a bad record to errors.deadletterqueue.topic.name: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while a bad record was reported", e);
    }
  }

  /** Logs the failures that have not been logged yet. */
  public void close() {
    log.close();
  }
}
