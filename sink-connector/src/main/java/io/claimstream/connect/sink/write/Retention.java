/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trims streams to their limits: once per write and approximately ({@code ~}), which is nearly
 * free. The key never gets a time to live, which would drop unread entries.
 *
 * <p>A script finds the entries that the stream's consumer groups still need, in the same step as
 * the trimming, and on every version of Redis. Used by the task's thread only.
 */
public final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final LuaScript SCRIPT = LuaScript.beside(Retention.class, "trim.lua");
  private static final String NONE = "0-0";

  private final OptionalLong maxLength;
  private final Optional<Duration> maxAge;
  private final Trim trim;
  private final InstantSource clock;
  private final Set<String> served = new HashSet<>();
  private final Map<String, String> holders = new HashMap<>();

  /**
   * Creates a retention with both limits.
   *
   * @param maxLength the maximum number of entries
   * @param maxAge the maximum age by the entries' ids
   * @param trim the entries that may be trimmed
   * @param clock the worker's clock, compared with ids from the server's clock
   */
  public Retention(
      OptionalLong maxLength, Optional<Duration> maxAge, Trim trim, InstantSource clock) {
    this.maxLength = maxLength;
    this.maxAge = maxAge;
    this.trim = trim;
    this.clock = clock;
  }

  /** Returns a retention without limits. */
  public static Retention none(InstantSource clock) {
    return new Retention(OptionalLong.empty(), Optional.empty(), Trim.ANY, clock);
  }

  /** Returns the commands that trim a stream now; none without limits. */
  public List<Command> trims(String stream) {
    if (maxLength.isEmpty() && maxAge.isEmpty()) {
      return List.of();
    }
    List<String> keys = List.of(stream);
    Command script = served.contains(stream) ? SCRIPT.byDigest(keys) : SCRIPT.bySource(keys);
    return List.of(
        script
            .add(maxLength.orElse(-1))
            .add(idBefore(1))
            .add(idBefore(2))
            .add(EnumChoice.text(trim)));
  }

  /** Returns the lowest id of an entry that is at most that many times the maximum age old. */
  private String idBefore(int ages) {
    if (maxAge.isEmpty()) {
      return NONE;
    }
    long then = clock.instant().toEpochMilli();
    for (int i = 0; i < ages; i++) {
      then = Math.max(0, then - maxAge.get().toMillis());
    }
    return then + "-0";
  }

  /**
   * Checks the replies to {@link #trims}. A stream that cannot be trimmed now is trimmed by the
   * next write.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if the Redis user may not trim
   */
  public void check(String stream, List<@Nullable Object> replies) {
    for (Object reply : replies) {
      if (LuaScript.isUnknown(reply)) {
        served.remove(stream);
        return;
      }
      try {
        report(stream, String.valueOf(Replies.text(Replies.checked(reply, "trimming " + stream))));
        served.add(stream);
      } catch (RedisOutageException e) {
        LOG.debug("Cannot trim stream {} now; the next write retries: {}", stream, e.getMessage());
      }
    }
  }

  /** Logs once when a group blocks trimming, and once when no group does any more. */
  private void report(String stream, String holder) {
    String before = holder.isEmpty() ? holders.remove(stream) : holders.put(stream, holder);
    if (holder.isEmpty() && before != null) {
      LOG.info("Stream {} is within its limits again", stream);
    } else if (!holder.isEmpty() && !holder.equals(before)) {
      LOG.warn(
          "Stream {} exceeds redis.stream.max.length or redis.stream.retention.ms: its group {} has"
              + " not read or acknowledged the oldest entries. Resume the group, remove it (XGROUP"
              + " DESTROY), or set redis.stream.trim=any to trim unread entries",
          stream,
          holder);
    }
  }
}
