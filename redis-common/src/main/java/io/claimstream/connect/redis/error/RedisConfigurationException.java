/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Redis refuses a command until a setting, a permission or a key is changed; the task must fail.
 */
public final class RedisConfigurationException extends ConnectException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception; the message names the command, the key and the setting to check. */
  public RedisConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
