/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings appends into their streams. What is sent is received later, so that Redis can work while
 * the task does something else. Used by the task's thread only.
 */
public sealed interface DeliveryStrategy permits AtLeastOnce, ExactlyOnce {

  /**
   * Sends the first of what is given, in one go per stream and in the order given within one
   * partition and stream. Nothing else may be on its way. Whatever fails is told by {@link
   * #receive}.
   *
   * @param appends what is not in its stream yet, perhaps sent before
   */
  void send(List<StreamAppend> appends);

  /**
   * Waits for the replies to what is on its way, and tells what became of it. An append without an
   * outcome was not tried, or it is not known what became of it: it is to be sent again once those
   * before it are done or, if they were refused, put aside. Nothing is on its way afterwards.
   *
   * @param outcomes gets each as soon as it is known; must not throw
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  void receive(Consumer<WriteOutcome> outcomes);
}
