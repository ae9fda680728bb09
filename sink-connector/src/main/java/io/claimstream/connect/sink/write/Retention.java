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
 * How much of a stream is kept. Streams are trimmed once per write, approximately ({@code ~}),
 * which is nearly free; nothing ever sets a time to live on the key, which would drop unread
 * entries.
 *
 * <p>What the consumer groups of the stream still need is found by a script, in the same step as
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
   * Keeps what both limits allow.
   *
   * @param maxLength entries
   * @param maxAge by the ids of the entries
   * @param trim what the limits may drop
   * @param clock the worker's, compared with ids that the server made by its own
   */
  public Retention(
      OptionalLong maxLength, Optional<Duration> maxAge, Trim trim, InstantSource clock) {
    this.maxLength = maxLength;
    this.maxAge = maxAge;
    this.trim = trim;
    this.clock = clock;
  }

  /** The commands that trim a stream now; none if it keeps everything. */
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

  /** The first id that an entry can have which is that many times as old as entries may get. */
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
   * Looks at the replies to {@link #trims}. A stream that cannot be trimmed now is trimmed by the
   * next write.
   *
   * @throws org.apache.kafka.connect.errors.ConnectException if trimming is not allowed at all
   */
  public void check(String stream, List<@Nullable Object> replies) {
    for (Object reply : replies) {
      if (LuaScript.isUnknown(reply)) {
        served.remove(stream);
        return;
      }
      try {
        tell(stream, String.valueOf(Replies.text(Replies.checked(reply, "trimming " + stream))));
        served.add(stream);
      } catch (RedisOutageException e) {
        LOG.debug("Stream {} is trimmed later: {}", stream, e.getMessage());
      }
    }
  }

  /** Says once that a group keeps the stream from being trimmed, and once that none does. */
  private void tell(String stream, String holder) {
    String before = holder.isEmpty() ? holders.remove(stream) : holders.put(stream, holder);
    if (holder.isEmpty() && before != null) {
      LOG.info("Stream {} is back within its limits", stream);
    } else if (!holder.isEmpty() && !holder.equals(before)) {
      LOG.warn(
          "Stream {} outgrows redis.stream.max.length or redis.stream.retention.ms: its group {} has"
              + " not read or not acknowledged the oldest entries. Let the group go on, remove it"
              + " (XGROUP DESTROY), or set redis.stream.trim=any to drop entries unread",
          stream,
          holder);
    }
  }
}
