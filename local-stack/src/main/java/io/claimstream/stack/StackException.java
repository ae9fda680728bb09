/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

/** The local stack cannot fulfil a request; the message contains the remedy. */
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a message for the person at the terminal. */
  public StackException(String message) {
    super(message);
  }

  /** Creates an exception with a message for the person at the terminal, and its cause. */
  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
