/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.error.RedisOutageException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one append.
 *
 * @param append the append
 * @param cause the reason why it is not in the stream, as far as known; null if it is written
 */
public record WriteOutcome(StreamAppend append, Kind kind, @Nullable ConnectException cause) {

  /** Kind of outcome, which determines the next step. */
  public enum Kind {
    /** The entry is in the stream, from this try or an earlier one. */
    WRITTEN,
    /** Redis rejects this append alone, with a {@link DataException}: it is a bad record. */
    REJECTED,
    /** A {@link RedisOutageException}: the append is retried. */
    UNAVAILABLE,
    /** The task must stop until the configuration or Redis is changed. */
    FATAL
  }

  /** Returns the outcome of an append that is in the stream. */
  public static WriteOutcome written(StreamAppend append) {
    return new WriteOutcome(append, Kind.WRITTEN, null);
  }

  /** Returns the outcome of an append that is not in the stream; the cause determines its kind. */
  public static WriteOutcome failed(StreamAppend append, ConnectException cause) {
    Kind kind = Kind.FATAL;
    if (cause instanceof RedisOutageException) {
      kind = Kind.UNAVAILABLE;
    } else if (cause instanceof DataException) {
      kind = Kind.REJECTED;
    }
    return new WriteOutcome(append, kind, cause);
  }
}
