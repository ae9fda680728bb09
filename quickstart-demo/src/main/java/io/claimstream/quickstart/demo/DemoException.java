/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import org.jspecify.annotations.Nullable;

/** The demo cannot continue; the message contains the reason and the remedy, in one line. */
public final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates a failure without a cause. */
  public DemoException(String message) {
    super(message);
  }

  /** Creates a failure with its cause. */
  public DemoException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
