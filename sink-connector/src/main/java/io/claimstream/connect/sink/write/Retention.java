/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of a stream is kept. Streams are trimmed once per write, approximately ({@code ~}),
 * which is nearly free; nothing ever sets a time to live on the key, which would drop unread
 * entries.
 */
public final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final OptionalLong maxLength;
  private final Optional<Duration> maxAge;
  private final InstantSource clock;

  /**
   * Keeps what both limits allow.
   *
   * @param maxLength entries
   * @param maxAge by the ids of the entries
   * @param clock the worker's, compared with ids that the server made by its own
   */
  public Retention(OptionalLong maxLength, Optional<Duration> maxAge, InstantSource clock) {
    this.maxLength = maxLength;
    this.maxAge = maxAge;
    this.clock = clock;
  }

  /** The commands that trim a stream now; none if it keeps everything. */
  public List<Command> trims(String stream) {
    List<Command> trims = new ArrayList<>(2);
    maxLength.ifPresent(length -> trims.add(Command.of("XTRIM", stream, "MAXLEN", "~", length)));
    maxAge.ifPresent(
        age -> {
          long oldest = Math.max(0, clock.instant().minus(age).toEpochMilli());
          trims.add(Command.of("XTRIM", stream, "MINID", "~", oldest));
        });
    return trims;
  }

  /**
   * Looks at the replies to {@link #trims}. A stream that cannot be trimmed now is trimmed by the
   * next write.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if trimming is not allowed at all
   */
  public void check(String stream, List<@Nullable Object> replies) {
    for (Object reply : replies) {
      try {
        Replies.checked(reply, "XTRIM " + stream);
      } catch (RedisOutageException e) {
        LOG.debug("Stream {} is trimmed later: {}", stream, e.getMessage());
      }
    }
  }
}
