/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** Redis refuses until somebody changes a setting, a right or a key; the task has to fail. */
public final class RedisConfigurationException extends ConnectException {
  private static final long serialVersionUID = 1L;

  /** The message names the command, the key and the setting to look at. */
  public RedisConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
