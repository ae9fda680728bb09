/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.metrics;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.lane.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Reports what a connector that was renamed or deleted left pending in the group: nobody reads it
 * again, since consumers are named by their connector. One line for each consumer, once. Safe for
 * use by several threads.
 *
 * <p>Such a consumer cannot be told from another program's of a similar name. That the same number
 * of entries stays pending for a minute is the sign that nobody works on them.
 */
public final class LeftPending {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern LIKE_OURS = Pattern.compile(".+-(\\d{1,6}|claimed)");

  private final Logger log;
  private final String stream;
  private final String group;
  private final String connector;
  private final InstantSource clock;
  private Map<String, Left> left = new HashMap<>();

  private record Left(String count, Instant since, boolean told) {}

  /** A watch of one stream and group for a connector. */
  public LeftPending(
      Logger log, String stream, String group, String connector, InstantSource clock) {
    this.log = log;
    this.stream = stream;
    this.group = group;
    this.connector = connector;
    this.clock = clock;
  }

  /** Looks at a reply to XPENDING without a range. */
  synchronized void look(@Nullable Object summary) {
    List<@Nullable Object> parts = summary instanceof List<?> ? Replies.list(summary) : List.of();
    Map<String, Left> now = new HashMap<>();
    if (parts.size() > 3 && parts.get(3) instanceof List<?>) {
      for (Object each : Replies.list(parts.get(3))) {
        List<@Nullable Object> consumer = Replies.list(each);
        String name = String.valueOf(Replies.text(consumer.get(0)));
        if (isAnothers(name)) {
          now.put(name, seen(name, String.valueOf(Replies.text(consumer.get(1)))));
        }
      }
    }
    left = now;
  }

  private Left seen(String name, String count) {
    Instant now = clock.instant();
    Left before = left.get(name);
    if (before == null || !before.count().equals(count)) {
      return new Left(count, now, before != null && before.told());
    }
    if (before.told() || now.isBefore(before.since().plus(PATIENCE))) {
      return before;
    }
    log.warn(
        "group '{}' of stream '{}': consumer '{}' has had the same {} entries pending for {} s and"
            + " is none of connector '{}'. If it is one of a connector that was renamed or deleted,"
            + " nobody reads these entries: set redis.claim.idle.ms to have them taken over, which"
            + " repeats those that are in Kafka already, or acknowledge them by XACK. If another"
            + " program works on them, there is nothing to do.",
        group,
        stream,
        name,
        count,
        Duration.between(before.since(), now).toSeconds(),
        connector);
    return new Left(count, before.since(), true);
  }

  private boolean isAnothers(String consumer) {
    return LIKE_OURS.matcher(consumer).matches()
        && !Lane.isConsumerOf(connector, consumer)
        && !consumer.equals(Lane.consumerPrefix(connector) + "claimed");
  }
}
