/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.deadletter;

import io.claimstream.connect.redis.error.ErrorSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Logs what was put aside as Connect's {@code errors.log.*} settings ask for: each one, with its
 * content only on request; or, by default, one line a minute at most with their number, so that an
 * operator sees it and a flood of bad input does not become a flood of lines. Safe for use by
 * several threads.
 */
public final class DeadLetterLog {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Logger log;
  private final ErrorSettings settings;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long untold;

  /**
   * A log that has told everything so far.
   *
   * @param clock steady time
   */
  public DeadLetterLog(Logger log, ErrorSettings settings, InstantSource clock) {
    this.log = log;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Notes one that was put aside.
   *
   * @param reason names it, never its content
   * @param payload its content; asked for only where it may be logged
   */
  public synchronized void note(String reason, Supplier<String> payload) {
    if (settings.logged()) {
      log.error("Put aside: {}{}", reason, settings.withPayload() ? ": " + payload.get() : "");
      return;
    }
    log.debug("Put aside: {}", reason);
    untold++;
    if (!clock.instant().isBefore(next)) {
      tell(reason);
    }
  }

  private void tell(String reason) {
    next = clock.instant().plus(INTERVAL);
    log.warn(
        "Put aside {} (errors.tolerance=all; errors.log.enable=true logs each), the last one: {}",
        untold,
        reason);
    untold = 0;
  }

  /** Tells how many were not told yet. */
  public synchronized void close() {
    if (untold > 0) {
      log.warn("Put aside {} more (errors.tolerance=all)", untold);
      untold = 0;
    }
  }
}
