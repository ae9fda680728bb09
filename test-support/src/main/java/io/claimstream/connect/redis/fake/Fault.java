/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

/** A fault of one command. */
public sealed interface Fault {

  /** The connection breaks; replies that its owner has not received are lost. */
  enum Break implements Fault {
    /** The server never receives the command, nor later ones. */
    BEFORE_EXECUTION,
    /** The server executes the command, but its reply and later ones are lost. */
    AFTER_EXECUTION
  }

  /**
   * The connection breaks, but the command is only delayed in flight.
   *
   * @param commands how many other commands the server executes before it receives this command and
   *     those sent with it and after it
   */
  record Late(int commands) implements Fault {}

  /**
   * The server refuses the command, which aborts a transaction.
   *
   * @param error the server's message, such as {@code OOM command not allowed …}
   */
  record Refusal(String error) implements Fault {}
}
