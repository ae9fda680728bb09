/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import org.apache.kafka.connect.errors.DataException;

/** Redis refuses this one record, whatever its neighbours are. */
public final class RedisRecordException extends DataException {
  private static final long serialVersionUID = 1L;

  /** The message holds the server's reason, never the record's content. */
  public RedisRecordException(String message) {
    super(message);
  }
}
