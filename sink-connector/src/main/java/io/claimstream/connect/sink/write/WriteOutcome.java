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
 * @param cause why it is not in the stream, as far as is known; null if it is written
 */
public record WriteOutcome(StreamAppend append, Kind kind, @Nullable ConnectException cause) {

  /** What has to follow. */
  public enum Kind {
    /** It is in the stream, now or from an earlier try. */
    WRITTEN,
    /** Redis refuses this one alone, for a {@link DataException}: it is a bad record. */
    REJECTED,
    /** A {@link RedisOutageException}: it is to be tried again. */
    UNAVAILABLE,
    /** Somebody has to change something first. */
    FATAL
  }

  /** It is in the stream. */
  public static WriteOutcome written(StreamAppend append) {
    return new WriteOutcome(append, Kind.WRITTEN, null);
  }

  /** It is not in the stream; the kind follows from the cause. */
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
