/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.stack;

/** The local stack cannot do what it was asked; the message says what to change. */
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one with a message meant for the person at the terminal. */
  public StackException(String message) {
    super(message);
  }

  /** Creates one with a message meant for the person at the terminal, and its cause. */
  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
