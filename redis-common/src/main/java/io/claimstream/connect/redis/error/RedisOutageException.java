/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** Redis is unavailable for now. The connection that threw it must be closed and reopened. */
public final class RedisOutageException extends RetriableException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with the message of the server or of the network. */
  public RedisOutageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Omits the stack trace, which adds nothing: Connect logs each retry of a sink in full. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
