/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;

/** The expected replies of each stream. Used by the task's thread only. */
final class Receipts {
  private final StreamConnections connections;
  private final List<Receipt> expected = new ArrayList<>();

  Receipts(StreamConnections connections) {
    this.connections = connections;
  }

  /** Expected replies. */
  @FunctionalInterface
  interface Receipt {
    /**
     * Waits for the replies.
     *
     * @param outcomes receives the outcomes that are known
     * @throws ConnectException if the task must stop
     */
    void receive(List<WriteOutcome> outcomes);
  }

  void expect(Receipt receipt) {
    expected.add(receipt);
  }

  /** Receives everything, so that no connection is left with unread replies. */
  Received receive() {
    List<WriteOutcome> outcomes = new ArrayList<>();
    ConnectException first = null;
    for (Receipt receipt : expected) {
      try {
        receipt.receive(outcomes);
      } catch (ConnectException e) {
        first = first == null ? e : first;
      } catch (RuntimeException | Error e) {
        // Connect continues after an exception in a commit, and no later command may get these
        // replies
        first = first == null ? new ConnectException("cannot read Redis' replies", e) : first;
      }
    }
    if (!expected.isEmpty()) {
      connections.endRound();
      expected.clear();
    }
    return new Received(outcomes, first);
  }
}
