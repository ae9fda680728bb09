/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.read;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Reports that Redis is full, and the end of it. Near its limit Redis changes between the two at
 * every read, so that a shortage is reported once a minute at most. Task thread only.
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

  /** Redis refused a transaction. */
  void full() {
    Instant now = clock.instant();
    if (!lasts && (reported == null || !now.isBefore(reported.plus(INTERVAL)))) {
      reported = now;
      lasts = true;
      log.warn(
          "{}: Redis is full (maxmemory) and takes no transactions. It is read by a script"
              + " meanwhile; what has to be written to it, such as dead letters, waits. Trim what is"
              + " acknowledged, or raise maxmemory.",
          group);
    }
  }

  /** Redis executed one. */
  void over() {
    if (lasts) {
      lasts = false;
      log.info("{}: Redis has memory again, and is read by transactions", group);
    }
  }
}
