/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

/** Appends to one stream that are in flight. Used by the task's thread only. */
@FunctionalInterface
public interface InFlight {

  /**
   * Waits for the replies. An append without an outcome was not tried, or its outcome is unknown:
   * it must be sent again after the earlier ones are written or, if they were rejected,
   * dead-lettered.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop, in addition to
   *     the outcomes
   */
  void receive(OutcomeHandler outcomes);
}
