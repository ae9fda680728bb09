/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.DataException;

/** Redis refuses this one record, independently of the others. */
public final class RedisRecordException extends DataException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception; the message contains the server's reason, never the record's contents.
   */
  public RedisRecordException(String message) {
    super(message);
  }
}
