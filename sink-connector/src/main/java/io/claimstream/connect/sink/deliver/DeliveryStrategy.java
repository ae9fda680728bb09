/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.List;

/** Brings appends into their streams. Used by the task's thread only. */
public sealed interface DeliveryStrategy permits AtLeastOnce, ExactlyOnce {

  /**
   * Appends the first of what is given, in one round trip per stream and in the order given within
   * one partition and stream. The next call may get the same appends again.
   *
   * @return the outcomes, at least one if anything is given. An append without one was not tried:
   *     it is to be delivered again once those before it are done or, if they were refused, put
   *     aside.
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop
   */
  List<WriteOutcome> deliver(List<StreamAppend> appends);
}
