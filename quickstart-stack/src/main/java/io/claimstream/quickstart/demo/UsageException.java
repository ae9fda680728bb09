/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

/** The command line cannot be followed; the message says why, in one line. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A wrong command line. */
  public UsageException(String message) {
    super(message);
  }
}
