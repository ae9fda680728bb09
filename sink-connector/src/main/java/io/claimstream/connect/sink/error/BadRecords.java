/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.error;

import io.claimstream.connect.redis.deadletter.DeadLetterLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.jspecify.annotations.Nullable;

/** Handles records that cannot be appended, by {@code errors.tolerance}. */
public final class BadRecords {
  private final boolean tolerant;
  private final @Nullable ErrantRecordReporter reporter;
  private final FailureNotes notes;
  private final DeadLetterLog log;
  private final List<Future<Void>> reports = new ArrayList<>();

  /**
   * Creates a handler that reports to Connect and to the stream for failures.
   *
   * @param tolerant whether {@code errors.tolerance=all}
   * @param reporter Connect's dead letter queue and log; null if both are off
   */
  public BadRecords(
      boolean tolerant,
      @Nullable ErrantRecordReporter reporter,
      FailureNotes notes,
      DeadLetterLog log) {
    this.tolerant = tolerant;
    this.reporter = reporter;
    this.notes = notes;
    this.log = log;
  }

  /** Returns whether the records after a bad one are appended. */
  public boolean tolerant() {
    return tolerant;
  }

  /**
   * Dead-letters the record.
   *
   * @throws DataException the record's error, unless errors are tolerated
   * @throws org.apache.kafka.connect.errors.RetriableException if Redis cannot store the dead
   *     letter now; nothing was reported then
   */
  public void deadLetter(BadRecord bad) {
    if (!tolerant) {
      throw bad.error();
    }
    notes.append(bad);
    if (reporter != null) {
      reports.add(reporter.report(bad.record(), bad.error()));
    }
    // Connect's reporter logs the contents if it is configured to
    log.note(
        "record " + bad.origin() + " for stream '" + bad.stream() + "': " + reason(bad.error()),
        () -> "");
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

  /** Removes the advice, which the user has followed. */
  private static String reason(DataException error) {
    Throwable cause = error.getCause();
    return String.valueOf(cause == null ? error.getMessage() : cause.getMessage());
  }
}
