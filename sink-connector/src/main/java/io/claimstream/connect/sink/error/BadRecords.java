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

/** Decides by {@code errors.tolerance} what becomes of a record that cannot be appended. */
public final class BadRecords {
  private final boolean tolerant;
  private final @Nullable ErrantRecordReporter reporter;
  private final FailureNotes notes;
  private final DeadLetterLog log;
  private final List<Future<Void>> reports = new ArrayList<>();

  /**
   * Reports to Connect and to the stream of failures.
   *
   * @param tolerant whether {@code errors.tolerance=all}
   * @param reporter Connect's way to its dead letter queue and log; null if neither is on
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

  /** Whether the records after a bad one are to be appended. */
  public boolean tolerant() {
    return tolerant;
  }

  /**
   * Puts the record aside.
   *
   * @throws DataException its error, unless errors are tolerated
   * @throws org.apache.kafka.connect.errors.RetriableException if Redis cannot take the dead letter
   *     now; nothing was reported then
   */
  public void putAside(BadRecord bad) {
    if (!tolerant) {
      throw bad.error();
    }
    notes.append(bad);
    if (reporter != null) {
      reports.add(reporter.report(bad.record(), bad.error()));
    }
    // the content is logged by Connect's reporter, where it is asked for
    log.note(
        "record " + bad.origin() + " for stream '" + bad.stream() + "': " + reason(bad.error()),
        () -> "");
  }

  /**
   * Waits until Connect's dead letter queue has all that was put aside.
   *
   * @throws ConnectException if it does not take one
   */
  public void awaitReports() {
    try {
      for (Future<Void> report : reports) {
        report.get();
      }
      reports.clear();
    } catch (ExecutionException e) {
      throw new ConnectException(
          "a bad record cannot be written to errors.deadletterqueue.topic.name: " + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("stopped while a bad record was reported", e);
    }
  }

  /** Tells what was not told yet. */
  public void close() {
    log.close();
  }

  /** Without the advice, which the user has taken. */
  private static String reason(DataException error) {
    Throwable cause = error.getCause();
    return String.valueOf(cause == null ? error.getMessage() : cause.getMessage());
  }
}
