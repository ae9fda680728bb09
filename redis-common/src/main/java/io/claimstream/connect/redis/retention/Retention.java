/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.retention;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.LuaScript;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.config.EnumChoice;
import io.claimstream.connect.redis.error.RedisOutageException;
import java.time.Duration;
import java.time.Instant;
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
 * Trims streams to their limits: approximately ({@code ~}), which is nearly free. The key never
 * gets a time to live, which would drop unread entries.
 *
 * <p>A script finds the entries that the stream's consumer groups still need, in the same step as
 * the trimming, and on every version of Redis. Nothing in it needs memory, so a Redis at its {@code
 * maxmemory} executes it. Used by the task's thread only.
 */
public final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final LuaScript SCRIPT = LuaScript.beside(Retention.class, "trim.lua");
  private static final String NONE = "0-0";

  /** Minimum time between two warnings about one stream of a reader. */
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final OptionalLong maxLength;
  private final Optional<Duration> maxAge;
  private final Trim trim;
  private final InstantSource clock;

  /** Group of the reader that trims; empty if a writer does. */
  private final String reader;

  private final Set<String> served = new HashSet<>();
  private final Map<String, String> holders = new HashMap<>();
  private final Map<String, Instant> warned = new HashMap<>();

  /**
   * Creates the limits of streams that are written.
   *
   * @param maxLength the maximum number of entries
   * @param maxAge the maximum age by the entries' ids
   * @param trim the entries that may be trimmed
   * @param clock the worker's clock, compared with ids from the server's clock
   */
  public Retention(
      OptionalLong maxLength, Optional<Duration> maxAge, Trim trim, InstantSource clock) {
    this(maxLength, maxAge, trim, clock, "");
  }

  /** Returns a retention without limits. */
  public static Retention none(InstantSource clock) {
    return new Retention(OptionalLong.empty(), Optional.empty(), Trim.ANY, clock);
  }

  private Retention(
      OptionalLong maxLength,
      Optional<Duration> maxAge,
      Trim trim,
      InstantSource clock,
      String reader) {
    this.maxLength = maxLength;
    this.maxAge = maxAge;
    this.trim = trim;
    this.clock = clock;
    this.reader = reader;
  }

  /**
   * Creates the limits of streams that a group reads. Only entries that every group has read and
   * acknowledged are trimmed, and none while the reader's group does not exist: it may have been
   * lost, and the entries that it had not read are still needed.
   *
   * @param reader the reader's consumer group
   * @param maxLength the maximum number of entries
   * @param maxAge the maximum age by the entries' ids
   * @param clock the worker's clock, compared with ids from the server's clock
   */
  public static Retention ofReader(
      String reader, OptionalLong maxLength, Optional<Duration> maxAge, InstantSource clock) {
    return new Retention(maxLength, maxAge, Trim.ACKNOWLEDGED, clock, reader);
  }

  /** Returns whether there is a limit. */
  public boolean isLimited() {
    return maxLength.isPresent() || maxAge.isPresent();
  }

  /** Returns the commands that trim a stream now; none without limits. */
  public List<Command> trims(String stream) {
    if (!isLimited()) {
      return List.of();
    }
    List<String> keys = List.of(stream);
    Command script = served.contains(stream) ? SCRIPT.byDigest(keys) : SCRIPT.bySource(keys);
    script.add(maxLength.orElse(-1)).add(idBefore(1)).add(idBefore(2)).add(EnumChoice.text(trim));
    return List.of(reader.isEmpty() ? script : script.add(reader));
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
    try {
      removed(stream, replies);
    } catch (RedisOutageException e) {
      LOG.debug("Cannot trim stream {} now; the next write retries: {}", stream, e.getMessage());
    }
  }

  /**
   * Checks the replies to {@link #trims} and returns how many entries they removed; empty if the
   * server did not know the script, so that the commands have to be sent again.
   *
   * @throws RedisOutageException if the stream cannot be trimmed now
   * @throws org.apache.kafka.connect.errors.ConnectException if the Redis user may not trim
   */
  public OptionalLong removed(String stream, List<@Nullable Object> replies) {
    long removed = 0;
    for (Object reply : replies) {
      if (LuaScript.isUnknown(reply)) {
        served.remove(stream);
        return OptionalLong.empty();
      }
      List<@Nullable Object> result = Replies.list(Replies.checked(reply, "trimming " + stream));
      removed += result.get(0) instanceof Long count ? count : 0;
      report(stream, String.valueOf(Replies.text(result.get(1))));
      served.add(stream);
    }
    return OptionalLong.of(removed);
  }

  /** Logs once when a group blocks trimming, and once when no group does any more. */
  private void report(String stream, String holder) {
    if (!reader.isEmpty() && (holder.equals(reader) || isQuiet(stream, holder))) {
      return; // the reader's own lag has a metric, and other readers catch up all the time
    }
    String before = holder.isEmpty() ? holders.remove(stream) : holders.put(stream, holder);
    if (holder.isEmpty() && before != null) {
      LOG.info("Stream {} is within its limits again", stream);
    } else if (!holder.isEmpty() && !holder.equals(before)) {
      warned.put(stream, clock.instant());
      LOG.warn(
          "Stream {} exceeds redis.stream.max.length or redis.stream.retention.ms: its group {} has"
              + " not read or acknowledged the oldest entries. Resume the group, remove it (XGROUP"
              + " DESTROY){}",
          stream,
          holder,
          reader.isEmpty() ? ", or set redis.stream.trim=any to trim unread entries" : "");
    }
  }

  private boolean isQuiet(String stream, String holder) {
    Instant last = holder.isEmpty() ? null : warned.get(stream);
    return last != null && clock.instant().isBefore(last.plus(INTERVAL));
  }
}
