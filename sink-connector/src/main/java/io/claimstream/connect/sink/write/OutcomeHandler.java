/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.error.RedisOutageException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;

/**
 * Handles the outcome of each append: there are these four, and each determines the next step. Java
 * 17 has no exhaustive switch over a sealed type; a handler that misses one does not compile.
 */
public interface OutcomeHandler {

  /** The entry is in the stream, from this try or an earlier one. */
  void written(StreamAppend append);

  /** Redis rejects this append alone: it is a bad record. */
  void rejected(StreamAppend append, DataException cause);

  /** Redis does not serve now: the append is retried. */
  void unavailable(StreamAppend append, RedisOutageException cause);

  /** The task must stop until the configuration or Redis is changed. */
  void fatal(StreamAppend append, ConnectException cause);

  /** Handles an append that is not in the stream; the cause determines the outcome. */
  default void failed(StreamAppend append, ConnectException cause) {
    if (cause instanceof RedisOutageException outage) {
      unavailable(append, outage);
    } else if (cause instanceof DataException bad) {
      rejected(append, bad);
    } else {
      fatal(append, cause);
    }
  }
}
