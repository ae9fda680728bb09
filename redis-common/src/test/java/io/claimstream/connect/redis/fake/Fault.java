/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

/** What goes wrong with one command. */
public sealed interface Fault {

  /** The connection breaks; what its owner has not yet received is lost. */
  enum Break implements Fault {
    /** The server never sees the command, nor those sent after it. */
    BEFORE_EXECUTION,
    /** The server executes the command, but its reply is lost and those sent after it too. */
    AFTER_EXECUTION
  }

  /**
   * The connection breaks, but what was sent is only held back on its way.
   *
   * @param commands how many of others the server executes before it gets the command, and those
   *     sent with it and after it
   */
  record Late(int commands) implements Fault {}

  /**
   * The server refuses the command; inside a transaction it so dooms the transaction.
   *
   * @param error the server's words, such as {@code OOM command not allowed …}
   */
  record Refusal(String error) implements Fault {}
}
