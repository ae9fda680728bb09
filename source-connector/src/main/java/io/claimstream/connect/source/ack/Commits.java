/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.source.lane.SourceOffset;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka has committed of one source partition, transaction by transaction; the last one is
 * stored in its {@link CommitKey} before its entries are acknowledged. In memory only, no I/O. Safe
 * for use by several threads.
 */
public final class Commits {
  private final @Nullable CommitKey key;
  private @Nullable SourceOffset written;
  private @Nullable SourceOffset reached;
  private @Nullable LastCommit last;
  private boolean stored = true;

  /**
   * Creates the commits of a partition.
   *
   * @param key null if none is stored
   * @param atStart Connect's offset; null if there is none
   */
  Commits(@Nullable CommitKey key, @Nullable SourceOffset atStart) {
    this.key = key;
    this.reached = atStart;
  }

  /** Notes a record that Kafka has committed. Those of one transaction come in any order. */
  public synchronized void written(SourceRecord record) {
    SourceOffset offset = SourceOffset.of(record.sourceOffset());
    if (written == null || offset.isAfter(written)) {
      written = offset;
    }
  }

  /** Ends a transaction: what was written since the last call belongs to it. */
  synchronized void committed() {
    SourceOffset to = written;
    if (to != null) {
      written = null;
      last = new LastCommit(reached, to);
      reached = to;
      stored = false;
    }
  }

  /** Takes the command that stores the last commit; empty if it was taken before. */
  synchronized Optional<Command> take() {
    LastCommit next = stored ? null : last;
    stored = true;
    return key == null ? Optional.empty() : Optional.ofNullable(next).map(key::set);
  }

  /** Puts back a command whose reply did not come: it is sent again. */
  synchronized void putBack() {
    stored = last == null;
  }
}
