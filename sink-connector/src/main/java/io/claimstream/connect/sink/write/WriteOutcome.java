/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one append.
 *
 * @param append the append
 * @param cause null if it is in the stream, now or from an earlier try; a {@link
 *     io.claimstream.connect.redis.error.RedisOutageException} if it is to be tried again; a {@link
 *     org.apache.kafka.connect.errors.DataException} if Redis refuses this one only; anything else
 *     if somebody has to change something first
 */
public record WriteOutcome(StreamAppend append, @Nullable ConnectException cause) {

  /** It is in the stream. */
  public static WriteOutcome done(StreamAppend append) {
    return new WriteOutcome(append, null);
  }

  /** It is not in the stream, as far as is known. */
  public static WriteOutcome failed(StreamAppend append, ConnectException cause) {
    return new WriteOutcome(append, cause);
  }

  /** Whether it is in the stream. */
  public boolean isDone() {
    return cause == null;
  }
}
