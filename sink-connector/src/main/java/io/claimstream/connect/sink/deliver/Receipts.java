/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamConnections;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;

/** What is in flight to each stream, until its replies are received. */
final class Receipts {
  private final StreamConnections connections;
  private final List<Receipt> expected = new ArrayList<>();

  Receipts(StreamConnections connections) {
    this.connections = connections;
  }

  /** Replies to come. */
  @FunctionalInterface
  interface Receipt {
    /**
     * Waits for the replies and reports the outcomes that are known.
     *
     * @throws ConnectException if the task must stop
     */
    void receive(Consumer<WriteOutcome> outcomes);
  }

  void expect(Receipt receipt) {
    expected.add(receipt);
  }

  /**
   * Receives everything, so that no connection is left in the middle of its replies.
   *
   * @throws ConnectException the first of those that stop the task
   */
  void receive(Consumer<WriteOutcome> outcomes) {
    List<Receipt> all = List.copyOf(expected);
    expected.clear();
    ConnectException first = null;
    for (Receipt receipt : all) {
      try {
        receipt.receive(outcomes);
      } catch (ConnectException e) {
        first = first == null ? e : first;
      } catch (RuntimeException | Error e) {
        // Connect goes on after what a commit throws, and no later command may get these replies
        first = first == null ? new ConnectException("cannot read Redis' replies", e) : first;
      }
    }
    if (!all.isEmpty()) {
      connections.endRound();
    }
    if (first != null) {
      throw first;
    }
  }
}
