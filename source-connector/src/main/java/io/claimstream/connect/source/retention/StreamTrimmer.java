/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.retention;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.error.RedisConfigurationException;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.source.lane.LaneContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trims the stream of a lane every few seconds: entries beyond the limits that every consumer group
 * has acknowledged. Only the first lane of a stream does. Its commands are sent along with a read
 * or with acknowledgements, after these, so they cost no round trip. Safe for use by several
 * threads.
 *
 * <p>They are not fenced: what may be trimmed depends only on the groups in Redis, which the script
 * looks at in the same atomic step. A task that was replaced can therefore trim nothing that
 * somebody still needs, and its read fences it anyway.
 *
 * <p>If a reply is lost, the stream is trimmed again later. A stream that cannot be trimmed is
 * logged and read on.
 */
public final class StreamTrimmer {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTrimmer.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

  /**
   * Removed entries that suggest that there are more, because one call removes a limited number.
   */
  private static final int MANY = 5_000;

  private final LaneContext lane;
  private final Retention retention;
  private Instant next = Instant.MIN;
  private Instant nextLog = Instant.MIN;
  private @Nullable RedisConfigurationException refused;

  /**
   * Creates a trimmer.
   *
   * @param retention the limits; none of them set = nothing is trimmed
   */
  public StreamTrimmer(LaneContext lane, Retention retention) {
    this.lane = lane;
    this.retention = retention;
  }

  /** Returns whether {@link #due} would return commands. */
  public synchronized boolean isDue() {
    return lane.isFirst() && retention.isLimited() && !lane.clock().instant().isBefore(next);
  }

  /** Returns the commands that trim the stream, if that is due. Pass their replies to check. */
  public synchronized List<Command> due() {
    if (!isDue()) {
      return List.of();
    }
    next = lane.clock().instant().plus(INTERVAL);
    return retention.trims(lane.group().stream());
  }

  /**
   * Evaluates the replies to {@link #due}.
   *
   * @throws RedisConfigurationException if the user lacks a right, or the server a command
   */
  public synchronized void check(List<@Nullable Object> replies) {
    if (refused != null) {
      throw refused;
    }
    evaluate(replies);
  }

  /** The same for a caller that must not fail: the next {@link #check} throws for it. */
  public synchronized void checkLater(List<@Nullable Object> replies) {
    try {
      evaluate(replies);
    } catch (RedisConfigurationException e) {
      refused = e;
    }
  }

  private void evaluate(List<@Nullable Object> replies) {
    try {
      OptionalLong removed = retention.removed(lane.group().stream(), replies);
      lane.metrics().removed().add(removed.orElse(0));
      if (removed.isEmpty() || removed.getAsLong() >= MANY) {
        next = Instant.MIN;
      }
    } catch (RedisOutageException e) {
      failed(e);
    } catch (RedisConfigurationException e) {
      throw new RedisConfigurationException(
          e.getMessage()
              + ". Trimming (redis.stream.max.length, redis.stream.retention.ms) needs the rights"
              + " +evalsha +eval +xlen +xtrim +xrange +xinfo|groups +xpending on the stream",
          e);
    }
  }

  private void failed(RedisOutageException e) {
    Instant now = lane.clock().instant();
    if (!now.isBefore(nextLog)) {
      nextLog = now.plus(LOG_INTERVAL);
      LOG.warn(
          "Stream {} was not trimmed; the connector reads on and retries: {}",
          lane.group().stream(),
          e.getMessage());
    }
  }
}
