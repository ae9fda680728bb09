/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import io.claimstream.connect.source.group.ConsumerGroup;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Log of memory shortages of Redis and their ends. Near its limit, Redis alternates between the two
 * at every read, so a shortage is logged at most once a minute. Task thread only.
 */
final class ShortageLog {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Logger log;
  private final ConsumerGroup group;
  private final InstantSource clock;
  private @Nullable Instant reported;
  private boolean lasts;

  ShortageLog(Logger log, ConsumerGroup group, InstantSource clock) {
    this.log = log;
    this.group = group;
    this.clock = clock;
  }

  /** Records that Redis rejected a transaction for lack of memory. */
  void full() {
    Instant now = clock.instant();
    if (!lasts && (reported == null || !now.isBefore(reported.plus(INTERVAL)))) {
      reported = now;
      lasts = true;
      log.warn(
          "{}: Redis is full (maxmemory) and rejects transactions. The connector reads with a"
              + " script instead; writes such as dead letters wait. Trim acknowledged entries from"
              + " the stream (redis.stream.max.length, redis.stream.retention.ms), or raise"
              + " maxmemory.",
          group);
    }
  }

  /** Records that Redis executed a transaction. */
  void over() {
    if (lasts) {
      lasts = false;
      log.info("{}: Redis has memory again; the connector reads with transactions", group);
    }
  }
}
