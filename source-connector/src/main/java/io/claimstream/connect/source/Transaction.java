/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;

/**
 * The task's transaction, whose end the connector defines if {@code
 * transaction.boundary=connector}. In a backlog it spans several polls; otherwise each poll is a
 * transaction. Task thread only.
 *
 * <p>Entries are acknowledged only after the commit, and Connect aborts what is open when a task
 * stops or fails: the entries stay pending and are read again.
 */
final class Transaction {
  /** Time after which a transaction is committed in a backlog. */
  static final Duration LONGEST = Duration.ofMillis(500);

  private final @Nullable TransactionContext connect;
  private final InstantSource steady;

  /** Time of the first poll without a commit; null if the last poll was committed. */
  private @Nullable Instant openSince;

  /**
   * Creates the transaction of one task.
   *
   * @param connect null unless the connector defines the boundaries
   * @param steady steady time
   */
  Transaction(@Nullable TransactionContext connect, InstantSource steady) {
    this.connect = connect;
    this.steady = steady;
  }

  /** Whether a poll returned records that no poll has committed. */
  boolean isOpen() {
    return openSince != null;
  }

  /** Whether the transaction may go on after this poll. */
  boolean mayGoOn() {
    return connect != null
        && (openSince == null || steady.instant().isBefore(openSince.plus(LONGEST)));
  }

  /** Lets the transaction go on after this poll. */
  void goOn() {
    if (openSince == null) {
      openSince = steady.instant();
    }
  }

  /**
   * Makes Connect commit once it has sent the records of this poll, also if there are none: a pause
   * of the connector can use up the request of an earlier poll in the middle of its records.
   */
  void commit() {
    openSince = null;
    if (connect != null) {
      connect.commitTransaction();
    }
  }
}
