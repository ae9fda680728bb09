/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** Redis cannot serve right now. The connection that threw it must be closed and opened anew. */
public final class RedisOutageException extends RetriableException {
  private static final long serialVersionUID = 1L;

  /** An outage told by the server's own words or by the network. */
  public RedisOutageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Where it was noticed tells nothing, and Connect logs each try of a sink in full. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
