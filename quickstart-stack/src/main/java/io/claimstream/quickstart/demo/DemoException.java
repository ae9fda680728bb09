/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import org.jspecify.annotations.Nullable;

/** The demo cannot go on; the message says why and what to do, in one line. */
public final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure that has no cause but itself. */
  public DemoException(String message) {
    super(message);
  }

  /** A failure with its cause. */
  public DemoException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
